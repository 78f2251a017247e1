/** An execution with the runs that it has called, those that they have called, and so on. */
import { concatMap, expand, from, map, of, reduce, type Observable } from 'rxjs';
import type { AnalyticsClient } from '../../api/client';
import type { ExecutionDetail } from '../../api/types';

/** A trace is limited to this many runs. Each of them is a request. */
export const MAX_RUNS = 100;
/** Requests at a time. */
const CONCURRENT = 4;

export interface RunTree {
  /** The execution first, and each run after the one that called it. */
  runs: ExecutionDetail[];
  /** Number of all runs, if there are more. */
  cutFrom?: number;
}

export function readTree(client: AnalyticsClient, root: ExecutionDetail): Observable<RunTree> {
  const known = new Set([root.id]);
  const called = (run: ExecutionDetail): string[] => {
    const ids = childrenOf(run)
      .map(({ id }) => id)
      .filter((id) => !known.has(id))
      .slice(0, MAX_RUNS - known.size);
    ids.forEach((id) => known.add(id));
    return ids;
  };
  return of(root).pipe(
    expand((run) => from(called(run)).pipe(concatMap((id) => client.execution(id))), CONCURRENT),
    reduce<ExecutionDetail, ExecutionDetail[]>((runs, run) => [...runs, run], []),
    map((runs) => ({ runs, ...(totalOf(root) > runs.length && { cutFrom: totalOf(root) }) })),
  );
}

/** Earlier releases of the exporter know neither children nor a subtree. */
function childrenOf({ children }: Partial<ExecutionDetail>): ExecutionDetail['children'] {
  return children ?? [];
}

function totalOf({ subtree }: Partial<ExecutionDetail>): number {
  return subtree?.executions ?? 1;
}
