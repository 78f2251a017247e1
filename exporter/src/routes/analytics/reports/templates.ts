/** `GET /reports/templates`: what reports can be made of. */
import { Type } from 'typebox';
import type { App } from '../../../http/context.js';
import { readRoute } from '../../../http/route-options.js';
import { TEMPLATE_NAMES, TEMPLATES } from '../../../reports/templates.js';
import { Strict } from '../../../schemas.js';
import { NextPage } from '../../shared/cursors.js';
import { tag } from '../../shared/reports.js';

const Template = Strict({
  name: Type.String({ enum: [...TEMPLATE_NAMES] }),
  title: Type.String(),
  description: Type.String(),
  metrics: Type.Array(Type.String(), { description: 'Its headline figures.' }),
  group_by: Type.Array(Type.String(), { description: 'The dimensions of its tables.' }),
});

export default function routes(app: App): void {
  app.get(
    '/reports/templates',
    readRoute({
      summary: 'Templates of reports',
      tag,
      answer: Strict({ templates: Type.Array(Template), next_cursor: NextPage }),
    }),
    () => ({
      templates: TEMPLATES.map(({ name, title, description, figures, tables }) => ({
        ...{ name, title, description },
        metrics: figures.map(({ metric }) => metric),
        group_by: tables.map(({ groupBy }) => groupBy),
      })),
      next_cursor: null,
    }),
  );
}
