import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { QueryEditor } from '../editors/QueryEditor';
import { selectors } from '../selectors';
import { FakeBackend } from '../test/backend';
import { choose, HostedEditor, loaded, optionsOf } from '../test/editors';
import { datasource, query } from '../test/requests';
import { fakeTemplates } from '../test/templates';
import type { AnalyticsQuery } from '../query';
import { PANEL_QUERY_TYPES } from '.';
import { labels as budgets } from './budgets/labels';
import { labels as execution } from './execution/labels';
import { labels as executions } from './executions/labels';
import { labels as forecast } from './forecast/labels';
import { labels as metric } from './metric/labels';

const { queryType, limit, direction, filters, format } = selectors.QueryEditor;
const { previous } = metric;

let backend: FakeBackend;
let last: AnalyticsQuery;
const onChange = jest.fn((changed: AnalyticsQuery) => {
  last = changed;
});
const onRunQuery = jest.fn();

beforeEach(() => {
  jest.clearAllMocks();
  fakeTemplates();
  backend = new FakeBackend().on('GET', 'token/api/v1/analytics/dimensions/agent/values', () => ({
    data: { values: [{ value: 'a1', label: 'billing-bot' }] },
  }));
});

async function show(changes: Partial<AnalyticsQuery>): Promise<void> {
  const props = { datasource: datasource(), query: query(changes), onChange, onRunQuery };
  render(<HostedEditor Editor={QueryEditor} {...props} />);
  await waitFor(() => expect(backend.sent('/catalog')).toHaveLength(1));
  await loaded();
}

const control = (name: string) => screen.getByRole('combobox', { name: new RegExp(`^${name}`) });
async function selectType(type: { label: string }): Promise<void> {
  await userEvent.click(control(queryType.label));
  await userEvent.keyboard(type.label);
  await userEvent.click(await screen.findByRole('option', { name: new RegExp(`^${type.label}`) }));
  await loaded();
}

describe('the type of a query', () => {
  it('determines the fields of the editor', async () => {
    await show({});
    // The menu renders the first of its options only.
    const shown = await optionsOf(control(queryType.label));
    expect(shown.length).toBeGreaterThanOrEqual(5);
    expect(shown).toEqual(
      PANEL_QUERY_TYPES.slice(0, shown.length).map(({ label, description }) => label + description),
    );
    await selectType(forecast);
    expect(last.queryType).toBe('forecast');
    expect(onRunQuery).toHaveBeenCalledTimes(1);
    expect(screen.queryByText(metric.metric.label)).not.toBeInTheDocument();
    expect(screen.getByText(forecast.explanation)).toBeInTheDocument();
  });

  it('of another version of the plugin is shown as a metric', async () => {
    await show({ queryType: 'of_another_version' as never });
    expect(control(queryType.label)).toHaveDisplayValue(metric.label);
  });

  it('keeps the applicable filters when it changes, and drops order and limit', async () => {
    const agent = { dimension: 'agent', operator: 'in' as const, values: ['a1'] };
    await show({
      filters: [agent, { ...agent, operator: 'notIn' }, { ...agent, dimension: 'endpoint' }],
      orderBy: { by: 'value', direction: 'asc' },
      limit: 5_000,
    });
    await selectType(executions);
    expect(last).toMatchObject({ queryType: 'executions', metric: '', filters: [agent] });
    expect([last.orderBy, last.limit]).toEqual([undefined, undefined]);
    await selectType(metric);
    expect(last).toMatchObject({ queryType: 'metric', metric: 'api_calls', filters: [agent] });
  });
});

describe('the editor of a list of executions', () => {
  const { sortBy } = executions;

  it('sets order and limit', async () => {
    await show({ queryType: 'executions' });
    await choose(control(sortBy.label), sortBy.options.cost_usd);
    expect(last.orderBy).toEqual({ by: 'cost_usd', direction: 'desc' });
    await userEvent.click(screen.getByLabelText(direction.asc));
    expect(last.orderBy).toEqual({ by: 'cost_usd', direction: 'asc' });
    await userEvent.type(screen.getByRole('spinbutton', { name: limit.label }), '5000{Enter}');
    expect(last.limit).toBe(1_000);
  });

  it('reverses the default order', async () => {
    await show({ queryType: 'executions' });
    await userEvent.click(screen.getByLabelText(direction.asc));
    expect(last.orderBy).toEqual({ by: 'started_at', direction: 'asc' });
  });

  it('offers the dimensions and operators of the list', async () => {
    await show({ queryType: 'executions' });
    const add = screen.getByRole('button', { name: filters.add });
    await waitFor(() => expect(add).toBeEnabled());
    await userEvent.click(add);
    expect(await optionsOf(screen.getByTestId(filters.dimension))).toEqual([expect.stringMatching(/^Agent/)]);
    expect(await optionsOf(screen.getByTestId(filters.operator))).toEqual(['is one of']);
    await choose(screen.getByTestId(filters.values), /billing-bot/);
    expect(last.filters).toEqual([{ dimension: 'agent', operator: 'in', values: ['a1'] }]);
  });
});

describe('the editor of an execution', () => {
  const { executionId, part } = execution;

  it('sets the id and the part', async () => {
    await show({ queryType: 'execution' });
    expect(screen.getByLabelText(part.options.trace)).toBeChecked();
    await userEvent.type(screen.getByRole('textbox', { name: executionId.label }), '$execution{Enter}');
    expect(last).toMatchObject({ executionId: '$execution', part: 'trace' });
    await userEvent.click(screen.getByLabelText(part.options.steps));
    expect(last).toMatchObject({ executionId: '$execution', part: 'steps' });
  });
});

it('the editor of budgets has an explanation only', async () => {
  await show({ queryType: 'budgets' });
  expect(screen.getByText(budgets.explanation)).toBeInTheDocument();
});

it('the editor of the forecast sets the format', async () => {
  await show({ queryType: 'forecast' });
  expect(screen.getByText(format.label)).toBeInTheDocument();
  await userEvent.click(screen.getByLabelText(forecast.format.table));
  expect(last).toMatchObject({ queryType: 'forecast', format: 'table' });
});

describe('a single value', () => {
  it('can be compared with the previous period', async () => {
    await show({ interval: 'none' });
    await userEvent.click(screen.getByRole('switch', { name: previous.label }));
    expect(last.previous).toBe(true);
    await userEvent.click(screen.getByRole('switch', { name: previous.label }));
    expect(last.previous).toBeUndefined();
  });

  it('is neither a series nor a table', async () => {
    await show({ interval: 'day' });
    expect(screen.queryByRole('switch', { name: previous.label })).not.toBeInTheDocument();
  });

  it('is not compared as a table', async () => {
    await show({ interval: 'none', previous: true });
    await choose(control(format.label), 'Table');
    expect(last.previous).toBeUndefined();
  });
});
