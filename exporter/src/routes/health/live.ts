/** `GET /health/live`: the process answers. */
import { Type } from 'typebox';
import type { App } from '../../http/context.js';
import { openRoute } from '../../http/route-options.js';
import { Strict } from '../../schemas.js';

const Live = Strict({ status: Type.String({ enum: ['ok'] }) });

export default function routes(app: App): void {
  app.get(
    '/health/live',
    openRoute({ summary: 'Whether the process is alive', tag: 'Operations', answers: { 200: Live } }),
    () => ({ status: 'ok' }),
  );
}
