/** `POST /v1/metrics`: OTLP's metrics, which are not kept. */
import type { App, RouteContext } from '../../http/context.js';
import { ignoredSignal } from '../shared/otlp.js';

export default function routes(app: App, context: RouteContext): void {
  ignoredSignal(app, context, { path: '/v1/metrics', what: 'metrics', rejected: 'rejectedDataPoints' });
}
