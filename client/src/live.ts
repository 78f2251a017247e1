/** Live figures: a stream that is opened again whenever it ends. */
import type { paths } from './api.js';
import { AnalyticsError } from './errors.js';
import { refusalOf, tokenOf } from './http.js';
import type { Settings } from './options.js';

const ROUTE = '/api/v1/analytics/live';

export type LiveMetrics = paths[typeof ROUTE]['get']['responses'][200]['content']['application/x-ndjson'];

export interface LiveOptions {
  /** Time between two figures, `1s` (default) to `60s`. */
  interval?: string;
  /** Ends the iterator. */
  signal?: AbortSignal;
}

/** Longer than the service ever says nothing. */
const SILENT_MS = 75_000;
/** A line is a few hundred characters. */
const MAX_LINE = 64 * 1024;

/**
 * @throws AnalyticsError for a refusal that does not go away by itself, such as a missing scope
 */
export async function* subscribeLive(
  settings: Settings,
  { interval, signal }: LiveOptions,
): AsyncGenerator<LiveMetrics, void, undefined> {
  const query = interval === undefined ? '' : `?interval=${encodeURIComponent(interval)}`;
  const isAborted = (): boolean => signal?.aborted === true;
  for (let failures = 0; !isAborted(); failures += 1) {
    try {
      for await (const metrics of connection(settings, `${ROUTE}${query}`, signal)) {
        failures = 0;
        yield metrics;
      }
    } catch (error) {
      if (isAborted()) return;
      if (error instanceof AnalyticsError && isFinal(error)) throw error;
    }
    const cap = Math.min(settings.retryCapMs, settings.retryBaseMs * 2 ** Math.min(failures, 20));
    await pause(cap * (0.5 + Math.random() / 2), signal);
  }
}

/** Too many streams and errors of the service pass. */
const isFinal = ({ status }: AnalyticsError): boolean =>
  status !== null && status >= 400 && status < 500 && status !== 429 && status !== 401;

/** The figures of one connection. Leaving it closes the connection. */
async function* connection(
  settings: Settings,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<LiveMetrics> {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  signal?.addEventListener('abort', end);
  let timer = setTimeout(end, settings.timeoutMs);
  try {
    const response = await (settings.fetch ?? fetch)(settings.url + path, {
      headers: { authorization: `Bearer ${await tokenOf(settings)}`, accept: 'application/x-ndjson' },
      redirect: 'manual',
      signal: controller.signal,
    });
    if (response.status !== 200) throw await refusalOf(response);
    const decoder = new TextDecoder();
    let rest = '';
    for await (const part of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(end, SILENT_MS);
      const lines = (rest + decoder.decode(part as Uint8Array, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE) return;
      for (const line of lines) if (line !== '') yield JSON.parse(line) as LiveMetrics;
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    end();
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
