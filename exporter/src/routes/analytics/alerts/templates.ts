/** `GET /alerts/templates`: alerts that are ready to be created. */
import { Type } from 'typebox';
import { ALERT_TEMPLATES } from '../../../alerts/templates.js';
import type { App } from '../../../http/context.js';
import { readRoute } from '../../../http/route-options.js';
import { Strict } from '../../../schemas.js';
import { NewAlertBody } from '../../shared/alerts.js';
import { NextPage } from '../../shared/cursors.js';

export default function routes(app: App): void {
  app.get(
    '/alerts/templates',
    readRoute({
      summary: 'Alerts for what operators ask first',
      description: 'Send `alert` to `POST /alerts`, with channels and a threshold of your own.',
      tag: 'Alerts',
      answer: Strict({
        templates: Type.Array(
          Strict({
            name: Type.String(),
            title: Type.String(),
            description: Type.String(),
            alert: NewAlertBody,
          }),
        ),
        next_cursor: NextPage,
      }),
    }),
    async () => ({ templates: [...ALERT_TEMPLATES], next_cursor: null }),
  );
}
