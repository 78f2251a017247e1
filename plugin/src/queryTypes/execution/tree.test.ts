import { firstValueFrom } from 'rxjs';
import type { ExecutionDetail } from '../../api/types';
import { FakeBackend } from '../../test/backend';
import { after, execution, step, usage } from '../../test/executions';
import { datasource } from '../../test/requests';
import { traceFrames } from './trace';
import { MAX_RUNS, readTree } from './tree';

const ROUTE = 'token/api/v1/analytics/executions';
const sums = (executions: number) => ({
  executions,
  total_tokens: 0,
  cost_usd: null,
  unpriced_executions: 0,
});

function run(id: string, changes: Partial<ExecutionDetail> = {}): ExecutionDetail {
  return execution({ id, ...changes });
}

/** A backend that lists the runs of these callers, and what is read from it. */
async function treeOf(root: ExecutionDetail, called: Record<string, ExecutionDetail[]> = {}) {
  const backend = new FakeBackend();
  backend.on('GET', ROUTE, ({ params }) => {
    const { parent_execution_id, page_size } = params as { parent_execution_id: string[]; page_size: number };
    const items = parent_execution_id.flatMap((id) => called[id] ?? []);
    return { data: { items: items.slice(0, page_size) } };
  });
  return { backend, tree: await firstValueFrom(readTree(datasource().client, root)) };
}

describe('the runs below an execution', () => {
  it('are read level by level, each once', async () => {
    const [top, a] = [run('top', { subtree: sums(4) }), run('a', { subtree: sums(2) })];
    const { tree, backend } = await treeOf(top, {
      top: [a, run('b', { subtree: sums(1) })],
      a: [run('c', { subtree: sums(4) })],
      c: [top, a],
    });
    expect(tree.runs.map(({ id }) => id)).toEqual(['top', 'a', 'b', 'c']);
    expect(tree.runs[1]).toMatchObject({ steps: [], token_usages: [] });
    expect(tree.cutFrom).toBeUndefined();
    expect(backend.requests.map(({ params }) => params?.parent_execution_id)).toEqual([
      ['top'],
      ['a'],
      ['c'],
    ]);
  });

  it('are limited, and the trace says so', async () => {
    const below = Array.from({ length: 150 }, (_, index) => run(`r${index}`, { subtree: sums(1) }));
    const { tree, backend } = await treeOf(run('top', { subtree: sums(151) }), { top: below });
    expect(tree).toMatchObject({ cutFrom: 151, runs: { length: MAX_RUNS } });
    expect(backend.requests).toHaveLength(1);
    expect(traceFrames('A', tree)[0]?.meta?.notices).toEqual([
      { severity: 'warning', text: expect.stringContaining('Showing 100 of 151 runs') },
    ]);
  });

  it('are none if the exporter does not know them', async () => {
    const { tree, backend } = await treeOf(execution({ children: undefined, subtree: undefined }));
    expect(tree.runs).toHaveLength(1);
    expect(backend.requests).toHaveLength(0);
  });
});

describe('a trace of nested runs', () => {
  it('has a span for each run, below the step that called it or else below its caller', () => {
    const steps = [step(1, { step_type: 'tool_call', timestamp: after(100), duration_ms: 500 })];
    const nested = (id: string, start: number, parent: string) =>
      run(id, {
        ...{ parent_execution_id: parent, started_at: after(start), execution_time_ms: 100 },
        token_usages: [usage({ step_number: null })],
      });
    const runs = [
      run('top', { steps }),
      nested('a', 200, 'top'),
      nested('b', 900, 'top'),
      nested('c', 920, 'b'),
    ];
    const [frame] = traceFrames('A', { runs });
    const column = (name: string) => frame!.fields.find((field) => field.name === name)!.values;
    const parents = column('parentSpanID');
    expect(Object.fromEntries(column('spanID').map((id: string, row: number) => [id, parents[row]]))).toEqual(
      {
        execution: undefined,
        'step-1': 'execution',
        'a execution': 'step-1',
        'a usage-1': 'a execution',
        'b execution': 'execution',
        'b usage-1': 'b execution',
        'c execution': 'b execution',
        'c usage-1': 'c execution',
      },
    );
    expect(new Set(column('traceID'))).toEqual(new Set(['top']));
  });
});
