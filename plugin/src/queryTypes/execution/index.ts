import type { QueryResultMetaNotice } from '@grafana/data';
import { catchError, map, of, switchMap, throwError, type Observable } from 'rxjs';
import type { AnalyticsClient } from '../../api/client';
import { ApiError } from '../../api/errors';
import type { ExecutionDetail } from '../../api/types';
import { withNotices } from '../../frames/notices';
import type { PanelQueryTypeDefinition } from '../definition';
import { executionFrames } from './frames';
import { labels } from './labels';
import type { ExecutionQuery } from './query';
import { traceFrames } from './trace';
import { readTree } from './tree';

/** One execution: its trace, a summary, its steps, its token usages or the runs that it has called. */
export const execution: PanelQueryTypeDefinition<'execution', ExecutionQuery> = {
  type: 'execution',
  label: labels.label,
  description: labels.description,
  defaults: { part: 'trace' },
  loadEditor: async () => (await import('./ExecutionEditor')).ExecutionEditor,
  isComplete: ({ executionId }) => Boolean(executionId),
  displayText: ({ executionId, part }) => `${labels.label} ${executionId}: ${part}`,
  interpolate: ({ executionId }, { text }) => ({ executionId: toExecutionId(text(executionId)) }),
  // A filter cannot change which execution an id identifies, so no notice is necessary.
  filterDimensions: () => [],
  request: (query, { datasourceUid }, client) => ({
    // A variable may have no value yet.
    frames: query.executionId
      ? readExecution(client, query.executionId).pipe(
          switchMap((detail) =>
            (query.part === 'trace'
              ? readTree(client, detail).pipe(map((tree) => traceFrames(query.refId, tree)))
              : of(executionFrames(query, detail, datasourceUid))
            ).pipe(map((frames) => withNotices(frames, noticesOf(detail)))),
          ),
        )
      : of([]),
  }),
};

/** One answer has the first steps and token usages of an execution with very many. */
const noticesOf = ({ next_cursor, steps, token_usages }: ExecutionDetail): QueryResultMetaNotice[] =>
  next_cursor == null
    ? []
    : [
        {
          severity: 'info',
          text: `The execution has more than the first ${steps.length} steps and ${token_usages.length} token usages that are shown. The API has the rest, page by page.`,
        },
      ];

/** The id as a UUID. An OpenTelemetry trace id, which is also an execution's id, has no dashes. */
function toExecutionId(given: string | undefined): string | undefined {
  const id = given?.trim();
  return id && /^[\da-f]{32}$/i.test(id)
    ? id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    : id;
}

/** An execution of another tenant and a malformed id are both reported as missing. */
function readExecution(client: AnalyticsClient, id: string): Observable<ExecutionDetail> {
  return client
    .execution(id)
    .pipe(
      catchError((error) =>
        throwError(() =>
          error instanceof ApiError && error.kind === 'missing'
            ? new ApiError('missing', error.status, { message: `There is no execution “${id}”.` })
            : error,
        ),
      ),
    );
}
