/** `GET /openapi.json`: the OpenAPI document. */
import { Type } from 'typebox';
import type { App } from '../http/context.js';
import { openRoute } from '../http/route-options.js';

export default function routes(app: App): void {
  app.get(
    '/openapi.json',
    openRoute({ summary: 'The OpenAPI document', tag: 'Operations', answers: { 200: Type.Unknown() } }),
    () => app.swagger(),
  );
}
