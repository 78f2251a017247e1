/** `POST /v1/logs`: OTLP's logs, which are not kept. */
import type { App, RouteContext } from '../../http/context.js';
import { ignoredSignal } from '../shared/otlp.js';

export default function routes(app: App, context: RouteContext): void {
  ignoredSignal(app, context, { path: '/v1/logs', what: 'logs', rejected: 'rejectedLogRecords' });
}
