import { firstValueFrom } from 'rxjs';
import type { ExecutionDetail } from '../../api/types';
import { FakeBackend } from '../../test/backend';
import { after, execution, step, usage } from '../../test/executions';
import { datasource } from '../../test/requests';
import { traceFrames } from './trace';
import { MAX_RUNS, readTree } from './tree';

const ROUTE = 'token/api/v1/analytics/executions';

function run(id: string, children: string[], changes: Partial<ExecutionDetail> = {}): ExecutionDetail {
  return execution({ id, children: children.map((child) => ({ id: child })) as never, ...changes });
}

/** A backend that has these runs, and what is read from it. */
async function treeOf(root: ExecutionDetail, ...runs: ExecutionDetail[]) {
  const backend = new FakeBackend();
  runs.forEach((data) => backend.on('GET', `${ROUTE}/${data.id}`, () => ({ data })));
  return { backend, tree: await firstValueFrom(readTree(datasource().client, root)) };
}

describe('the runs below an execution', () => {
  it('are read with those below them, each once', async () => {
    const { tree, backend } = await treeOf(
      run('top', ['a', 'b']),
      run('a', ['c']),
      run('b', []),
      run('c', ['top', 'a']),
    );
    expect(tree.runs.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c', 'top']);
    expect(tree.cutFrom).toBeUndefined();
    expect(backend.requests).toHaveLength(3);
  });

  it('are limited, and the trace says so', async () => {
    const ids = Array.from({ length: 150 }, (_, index) => `r${index}`);
    const subtree = { executions: 151, total_tokens: 0, cost_usd: null, unpriced_executions: 0 };
    const { tree, backend } = await treeOf(run('top', ids, { subtree }), ...ids.map((id) => run(id, [])));
    expect(tree).toMatchObject({ cutFrom: 151, runs: { length: MAX_RUNS } });
    expect(backend.requests).toHaveLength(MAX_RUNS - 1);
    expect(traceFrames('A', tree)[0]?.meta?.notices).toEqual([
      { severity: 'warning', text: expect.stringContaining('Showing 100 of 151 runs') },
    ]);
  });

  it('are none if the exporter does not know them', async () => {
    const { tree } = await treeOf(execution({ children: undefined, subtree: undefined }));
    expect(tree.runs).toHaveLength(1);
  });
});

describe('a trace of nested runs', () => {
  it('has a span for each run, below the step that called it or else below its caller', () => {
    const steps = [step(1, { step_type: 'tool_call', timestamp: after(100), duration_ms: 500 })];
    const nested = (id: string, start: number, parent: string) =>
      run(id, [], {
        ...{ parent_execution_id: parent, started_at: after(start), execution_time_ms: 100 },
        token_usages: [usage({ step_number: null })],
      });
    const runs = [
      run('top', [], { steps }),
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
