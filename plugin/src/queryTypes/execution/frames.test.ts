import { FieldType, type DataFrame } from '@grafana/data';
import { field } from '../../test/answers';
import { after, execution, EXECUTION_ID, STARTED, step, usage } from '../../test/executions';
import { query } from '../../test/requests';
import type { ExecutionPart } from './query';
import { executionListFrames } from '../executions/frames';
import { executionFrames } from './frames';

const DETAIL = execution({
  steps: [step(1, { timestamp: after(5), content: 'Look' }), step(2, { tool_name: 'search', status: null })],
  token_usages: [usage(), usage({ cost_usd: null, cost_source: 'unpriced', step_number: null })],
});
const partOf = (part: ExecutionPart): DataFrame =>
  executionFrames(query({ queryType: 'execution', part }), DETAIL, 'ds-1')[0]!;
const names = ({ fields }: DataFrame) => fields.map(({ name }) => name);
const unitOf = (frame: DataFrame, name: string) => field(frame, name).config.unit;

describe('a list of executions', () => {
  const [frame] = executionListFrames(
    'A',
    {
      items: [
        DETAIL,
        execution({ id: 'e2', agent_id: null, agent_name: null, cost_usd: null, cost_source: 'unpriced' }),
        execution({ id: 'e3', agent_name: null, execution_time_ms: null, status: 'running' }),
      ],
    },
    'ds-1',
  );

  it('has a row per execution, and columns with the names that dashboards use', () => {
    expect(names(frame!)).toEqual([
      'Started',
      'Execution',
      'Agent',
      'Agent ID',
      'Status',
      'Duration',
      'Steps',
      'Tokens',
      'Cost',
      'Cost source',
      'Runs',
      'Tokens of all runs',
      'Cost of all runs',
      'Model',
      'User',
      'Error',
      'Preview',
    ]);
    expect(frame).toMatchObject({ refId: 'A', length: 3, meta: { preferredVisualisationType: 'table' } });
  });

  it('has exact numbers with their units, and null for unknown ones', () => {
    expect(field(frame, 'Started')).toMatchObject({ type: FieldType.time });
    expect(field(frame, 'Started').values[0]).toBe(Date.parse(STARTED));
    expect(field(frame, 'Tokens').values).toEqual([1_500, 1_500, 1_500]);
    expect(field(frame, 'Cost').values).toEqual([0.006, null, 0.006]);
    expect(field(frame, 'Duration').values).toEqual([1_840, 1_840, null]);
    expect(['Duration', 'Tokens', 'Cost'].map((name) => unitOf(frame!, name))).toEqual([
      'ms',
      'locale',
      'currencyUSD',
    ]);
  });

  it('shows agents by name, or by id', () => {
    expect(field(frame, 'Agent').values).toEqual(['billing-bot', '(no agent)', 'a1']);
    expect(field(frame, 'Agent ID').values).toEqual(['a1', null, 'a1']);
  });

  it('links to the dashboards of executions and agents, with the time range', () => {
    const [execution] = field(frame, 'Execution').config.links ?? [];
    expect(execution?.url).toBe(
      '/d/agentidp-execution?var-execution=${__data.fields.Execution:percentencode}&var-datasource=ds-1&${__url_time_range}',
    );
    const [agent] = field(frame, 'Agent').config.links ?? [];
    expect(agent?.url).toContain(
      '/d/agentidp-agent-detail?var-agent=${__data.fields["Agent ID"]:percentencode}&',
    );
  });
});

describe('an execution', () => {
  it('has a summary of one row', () => {
    const frame = partOf('summary');
    expect(frame.length).toBe(1);
    expect(Object.fromEntries(frame.fields.map(({ name, values }) => [name, values[0]]))).toEqual({
      Started: Date.parse(STARTED),
      Execution: EXECUTION_ID,
      Status: 'success',
      Duration: 1_840,
      Steps: 2,
      Tokens: 1_500,
      'Tokens in': 1_200,
      'Tokens out': 300,
      Cost: 0.006,
      'Cost source': 'computed',
      Agent: 'billing-bot',
      'Agent ID': 'a1',
      User: 'u-7',
      Flow: null,
      Session: 's-1',
      Provider: 'openai',
      Model: 'gpt-4o',
      Tags: 'production',
      Preview: 'Which invoices are open?',
      Error: null,
      Message: null,
    });
  });

  it('has its steps in order, with their content', () => {
    const frame = partOf('steps');
    expect(field(frame, '#').values).toEqual([1, 2]);
    expect(field(frame, 'Started').values).toEqual([Date.parse(after(5)), null]);
    expect(field(frame, 'Tool').values).toEqual([null, 'search']);
    expect(field(frame, 'Content').values).toEqual(['Look', null]);
  });

  it('has its token usages, without a cost if they are unpriced', () => {
    const frame = partOf('usages');
    expect(field(frame, 'Cost').values).toEqual([0.00425, null]);
    expect(field(frame, 'Step').values).toEqual([1, null]);
  });

  it.each(['steps', 'usages'] as const)('without %s has no frame', (part) => {
    expect(executionFrames(query({ queryType: 'execution', part }), execution(), 'ds-1')).toEqual([]);
  });
});
