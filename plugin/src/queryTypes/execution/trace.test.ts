import { FieldType, type DataFrame, type TraceSpanRow } from '@grafana/data';
import type { ExecutionDetail } from '../../api/types';
import { after, execution, EXECUTION_ID, STARTED, step, usage } from '../../test/executions';
import { traceFrames } from './trace';

const T0 = Date.parse(STARTED);

function frameOf(changes: Partial<ExecutionDetail>): DataFrame {
  const [frame] = traceFrames('A', { runs: [execution(changes)] });
  return frame!;
}

/** The rows of the frame. */
function spansOf(changes: Partial<ExecutionDetail>): TraceSpanRow[] {
  const { fields, length } = frameOf(changes);
  return Array.from(
    { length },
    (_, row) => Object.fromEntries(fields.map(({ name, values }) => [name, values[row]])) as never,
  );
}

const parents = (changes: Partial<ExecutionDetail>) =>
  Object.fromEntries(spansOf(changes).map(({ spanID, parentSpanID }) => [spanID, parentSpanID]));
const times = (changes: Partial<ExecutionDetail>) =>
  Object.fromEntries(
    spansOf(changes).map(({ spanID, startTime, duration }) => [spanID, [startTime - T0, duration]]),
  );
const tagsOf = ({ tags = [] }: TraceSpanRow) =>
  Object.fromEntries(tags.map(({ key, value }) => [key, value]));

describe('a trace', () => {
  it('has all fields of Grafana’s trace view', () => {
    const { refId, meta, fields } = frameOf({});
    expect([refId, meta?.preferredVisualisationType]).toEqual(['A', 'trace']);
    expect(fields.map(({ name, type }) => [name, type])).toEqual([
      ['traceID', FieldType.string],
      ['spanID', FieldType.string],
      ['parentSpanID', FieldType.string],
      ['operationName', FieldType.string],
      ['serviceName', FieldType.string],
      ['serviceTags', FieldType.other],
      ['startTime', FieldType.number],
      ['duration', FieldType.number],
      ['tags', FieldType.other],
      ['logs', FieldType.other],
      ['kind', FieldType.string],
      ['statusCode', FieldType.number],
      ['statusMessage', FieldType.string],
    ]);
  });

  it('has a unique span id in every row, since an empty one would hide the trace', () => {
    const spans = spansOf({
      steps: [step(1), step(2)],
      token_usages: [usage(), usage(), usage({ step_number: null }), usage({ step_number: 99 })],
    });
    const ids = spans.map(({ spanID }) => spanID);
    expect(ids.every(Boolean)).toBe(true);
    expect(new Set(ids).size).toBe(7);
    expect(new Set(spans.map(({ traceID }) => traceID))).toEqual(new Set([EXECUTION_ID]));
  });

  it('starts with the execution, in milliseconds', () => {
    const [root] = spansOf({});
    expect(root).toMatchObject({
      parentSpanID: undefined,
      serviceName: 'billing-bot',
      operationName: 'execution',
      startTime: T0,
      duration: 1_840,
      statusCode: 1,
      serviceTags: [{ key: 'tags', value: 'production' }],
      logs: [{ timestamp: T0, fields: [{ key: 'query_preview', value: 'Which invoices are open?' }] }],
    });
    expect(tagsOf(root!)).toMatchObject({
      user: 'u-7',
      session: 's-1',
      input_tokens: 1_200,
      cost_usd: 0.006,
    });
  });

  it('has no tags for unknown values, such as the cost of an unpriced execution', () => {
    const [root] = spansOf({ cost_usd: null, cost_source: 'unpriced' });
    expect(tagsOf(root!)).not.toHaveProperty('cost_usd');
    expect(tagsOf(root!)).toMatchObject({ cost_source: 'unpriced' });
  });

  it.each<[string, Partial<ExecutionDetail>, number]>([
    ['says how long it took', { execution_time_ms: 7, completed_at: after(99) }, 7],
    ['has only its ends', { execution_time_ms: null, completed_at: after(99) }, 99],
    [
      'still runs',
      {
        execution_time_ms: null,
        completed_at: null,
        status: 'running',
        steps: [step(1, { timestamp: after(50) })],
      },
      150,
    ],
    ['has just begun', { execution_time_ms: null, completed_at: null, status: 'running' }, 0],
  ])('of an execution that %s has the known duration', (_, changes, duration) => {
    expect(spansOf(changes)[0]?.duration).toBe(duration);
  });

  it('nests a step under the shortest step that contains it', () => {
    const steps = [
      step(1, { timestamp: after(0), duration_ms: 1_000 }),
      step(2, { timestamp: after(100), duration_ms: 500 }),
      step(3, { timestamp: after(200), duration_ms: 100 }),
      step(4, { timestamp: after(700), duration_ms: 100 }),
      step(5, { timestamp: after(1_000), duration_ms: 100 }),
    ];
    expect(parents({ steps })).toMatchObject({
      'step-1': 'execution',
      'step-2': 'step-1',
      'step-3': 'step-2',
      'step-4': 'step-1',
      // If one starts when another ends, they follow each other.
      'step-5': 'execution',
    });
  });

  it('does not nest steps that overlap or have the same time', () => {
    const steps = [
      step(1, { timestamp: after(0), duration_ms: 1_000 }),
      step(2, { timestamp: after(500), duration_ms: 1_000 }),
      step(3, { timestamp: after(500), duration_ms: 1_000 }),
      step(4, { timestamp: after(600), duration_ms: 100 }),
    ];
    const found = parents({ steps });
    expect([found['step-2'], found['step-3']]).toEqual(['execution', 'execution']);
    expect(found['step-4']).not.toBe('execution');
  });

  it('places steps without times one after another', () => {
    const steps = [
      step(1, { duration_ms: 100 }),
      step(2, { duration_ms: null }),
      step(3, { timestamp: after(400), duration_ms: 50 }),
      step(4, { duration_ms: 10 }),
    ];
    expect(times({ steps })).toMatchObject({
      'step-1': [0, 100],
      'step-2': [100, 0],
      'step-3': [400, 50],
      'step-4': [450, 10],
    });
    expect(parents({ steps })).toMatchObject({ 'step-1': 'execution', 'step-4': 'execution' });
  });

  it('names a step by its type, with its tool or the agent as the service', () => {
    const steps = [step(1), step(2, { step_type: 'tool_call', tool_name: 'invoice_search' })];
    const named = spansOf({ steps, agent_name: null }).map(({ serviceName, operationName }) => [
      serviceName,
      operationName,
    ]);
    expect(named).toEqual([
      ['a1', 'execution'],
      ['a1', 'thought'],
      ['invoice_search', 'tool_call'],
    ]);
    expect(spansOf({ agent_name: null, agent_id: null })[0]?.serviceName).toBe('(no agent)');
  });

  it('has the content of a step as its log', () => {
    const [, span] = spansOf({ steps: [step(1, { content: 'Look for invoices', timestamp: after(5) })] });
    expect(span?.logs).toEqual([
      { timestamp: T0 + 5, fields: [{ key: 'content', value: 'Look for invoices' }] },
    ]);
  });

  it.each(['failure', 'timeout', 'blocked'] as const)('marks a %s as an error', (status) => {
    const [root, span] = spansOf({
      status,
      error_type: 'ToolError',
      error_message: 'the page could not be read',
      steps: [step(1, { status, content: 'answered 403' })],
    });
    expect(tagsOf(root!)).toMatchObject({ status, error: true, error_type: 'ToolError' });
    expect(root).toMatchObject({ statusCode: 2, statusMessage: 'the page could not be read' });
    expect(tagsOf(span!)).toMatchObject({ status, error: true });
    expect(span).toMatchObject({ statusCode: 2, statusMessage: 'answered 403' });
  });

  it('marks nothing with an unknown outcome', () => {
    const [root, span] = spansOf({ status: 'running', steps: [step(1, { status: null })] });
    for (const one of [root!, span!]) {
      expect(one.statusCode).toBe(0);
      expect(tagsOf(one)).not.toHaveProperty('error');
    }
  });

  it('has each model call under its step or the execution, with the same duration', () => {
    const changes = {
      steps: [step(1, { timestamp: after(100), duration_ms: 300 })],
      token_usages: [
        usage({ cost_usd: null, cost_source: 'unpriced', model: 'house-7b' }),
        usage({ step_number: null, component: 'sub_agent' }),
      ],
    };
    expect(parents(changes)).toMatchObject({ 'usage-1': 'step-1', 'usage-2': 'execution' });
    expect(times(changes)).toMatchObject({ 'usage-1': [100, 300], 'usage-2': [0, 1_840] });
    const [, , first, second] = spansOf(changes);
    expect(first).toMatchObject({ serviceName: 'house-7b', operationName: 'main_agent', kind: 'client' });
    expect(tagsOf(first!)).not.toHaveProperty('cost_usd');
    expect(tagsOf(first!)).toMatchObject({ input_tokens: 900, output_tokens: 200, cost_source: 'unpriced' });
    expect(tagsOf(second!)).toMatchObject({ cost_usd: 0.00425 });
  });
});
