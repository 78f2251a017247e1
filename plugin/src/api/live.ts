/** Live figures: one stream for all panels that show them, with what has come so far. */
import { getBackendSrv } from '@grafana/runtime';
import {
  concatMap,
  defer,
  from,
  map,
  repeat,
  retry,
  scan,
  share,
  throwError,
  timer,
  type Observable,
  ReplaySubject,
} from 'rxjs';
import { ApiError, toApiError } from './errors';
import type { LiveFigures } from './types';

/** Ten minutes, one a second. */
export const MAX_POINTS = 600;
/** After the end of a stream, which comes with that of the token or of Grafana's patience. */
const RECONNECT_MS = 1_000;
/** After an error. */
const RETRY_MS = 5_000;
/** A refresh of a dashboard leaves the stream for a moment. */
const KEPT_MS = 10_000;

/** Errors that go away by themselves. */
const TEMPORARY = ['rateLimited', 'unavailable', 'unreachable', 'timeout', 'internal'];

/** @returns what has come within the last minutes, whenever something comes */
export function liveStream(url: string, requestId: () => string): Observable<LiveFigures[]> {
  return lines(url, requestId).pipe(
    repeat({ delay: RECONNECT_MS }),
    retry({ delay: (error) => (isTemporary(error) ? timer(RETRY_MS) : throwError(() => error)) }),
    map((line) => JSON.parse(line) as LiveFigures),
    scan<LiveFigures, LiveFigures[]>((points, point) => [...points, point].slice(-MAX_POINTS), []),
    share({
      connector: () => new ReplaySubject<LiveFigures[]>(1),
      resetOnRefCountZero: () => timer(KEPT_MS),
    }),
  );
}

const isTemporary = (error: unknown): boolean =>
  !(error instanceof ApiError) || TEMPORARY.includes(error.kind);

/** The lines of one answer. It ends with the answer. */
function lines(url: string, requestId: () => string): Observable<string> {
  return defer(() => {
    const decoder = new TextDecoder();
    let rest = '';
    return getBackendSrv()
      .chunked({
        url,
        method: 'GET',
        headers: { Accept: 'application/x-ndjson' },
        requestId: requestId(),
        showErrorAlert: false,
      })
      .pipe(
        concatMap(({ data, status, statusText, config }) => {
          const text = decoder.decode(data, { stream: true });
          if (status !== 200) {
            return throwError(() => toApiError({ status, statusText, config, data: bodyOf(text) }));
          }
          const parts = (rest + text).split('\n');
          rest = parts.pop() ?? '';
          return from(parts.filter((part) => part !== ''));
        }),
      );
  });
}

/** The error of a refused request comes in one piece. */
function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
