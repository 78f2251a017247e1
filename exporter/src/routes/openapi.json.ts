/** `GET /openapi.json`: the OpenAPI document. */
import { Type } from 'typebox';
import type { App } from '../http/context.js';
import { openRoute } from '../http/route-options.js';

export default function routes(app: App): void {
  /** The document does not change, so it is written once. */
  let text: string | undefined;
  app.get(
    '/openapi.json',
    openRoute({ summary: 'The OpenAPI document', tag: 'Operations', answers: { 200: Type.Unknown() } }),
    async (_request, reply) => {
      text ??= JSON.stringify(app.swagger());
      reply.type('application/json; charset=utf-8').serializer((payload: unknown) => payload as string);
      return text;
    },
  );
}
