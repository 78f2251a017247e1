/** An execution with the runs that it has called, those that they have called, and so on. */
import { EMPTY, expand, map, of, reduce, type Observable } from 'rxjs';
import type { AnalyticsClient } from '../../api/client';
import type { Execution, ExecutionDetail, ExecutionListRequest } from '../../api/types';

/** A trace is limited to this many runs. */
export const MAX_RUNS = 100;

export interface RunTree {
  /**
   * The execution first, and each run after the one that called it. Only the first has steps and model calls: those of
   * the others are read when they are opened.
   */
  runs: ExecutionDetail[];
  /** Number of all runs, if there are more. */
  cutFrom?: number;
}

/** Each level of the tree is a request. */
export function readTree(client: AnalyticsClient, root: ExecutionDetail): Observable<RunTree> {
  const known = new Set([root.id]);
  return of([root]).pipe(
    expand((callers) => {
      const ids = callers.filter(hasCalled).map(({ id }) => id);
      const left = MAX_RUNS - known.size;
      if (ids.length === 0 || left === 0) {
        return EMPTY;
      }
      return client.executions(calledBy(ids, left)).pipe(
        map(({ items }) => {
          const called = items.filter(({ id }) => !known.has(id)).slice(0, left);
          called.forEach(({ id }) => known.add(id));
          return called.map(withoutParts);
        }),
      );
    }),
    reduce<ExecutionDetail[], ExecutionDetail[]>((runs, level) => [...runs, ...level], []),
    map((runs) => ({ runs, ...(totalOf(root) > runs.length && { cutFrom: totalOf(root) }) })),
  );
}

function calledBy(parent_execution_id: string[], left: number): ExecutionListRequest {
  // A circle of callers can name the runs that are known.
  const page_size = Math.min(MAX_RUNS, left + parent_execution_id.length);
  return { parent_execution_id, page_size, sort_by: 'started_at', sort_order: 'asc' };
}

function withoutParts(run: Execution): ExecutionDetail {
  return { ...run, children: [], steps: [], token_usages: [], next_cursor: null };
}

/** Earlier releases of the exporter know no subtree. */
function hasCalled(run: ExecutionDetail): boolean {
  return totalOf(run) > 1;
}

function totalOf({ subtree }: Partial<ExecutionDetail>): number {
  return subtree?.executions ?? 1;
}
