import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { selectors } from '../../selectors';
import { FakeBackend } from '../../test/backend';
import { choose, HostedEditor, loaded, optionsOf } from '../../test/editors';
import { datasource, query } from '../../test/requests';
import { fakeTemplates } from '../../test/templates';
import type { AnalyticsQuery } from '../../query';
import { QueryEditor } from '../../editors/QueryEditor';
import { labels as own } from './labels';

const labels = { ...selectors.QueryEditor, ...own, limit: selectors.QueryEditor.limit };

let backend: FakeBackend;
let last: AnalyticsQuery;
const onChange = jest.fn((changed: AnalyticsQuery) => {
  last = changed;
});
const onRunQuery = jest.fn();

beforeEach(() => {
  jest.clearAllMocks();
  fakeTemplates({ agent: { value: 'a1' } });
  backend = new FakeBackend().on('GET', 'token/api/v1/analytics/dimensions/agent/values', () => ({
    data: {
      values: [
        { value: 'a1', label: 'billing-bot' },
        { value: 'a2', label: 'mail-bot' },
      ],
    },
  }));
});

async function show(changes: Partial<AnalyticsQuery> = {}): Promise<void> {
  const props = {
    Editor: QueryEditor,
    datasource: datasource(),
    query: query(changes),
    onChange,
    onRunQuery,
  };
  render(<HostedEditor {...props} />);
  await waitFor(() => expect(backend.sent('/catalog')).toHaveLength(1));
  await loaded();
}

const control = (name: string) => screen.getByRole('combobox', { name: new RegExp(`^${name}`) });

describe('the editor of a metric', () => {
  it('shows the titles of the catalog, and explains the metric and its unit', async () => {
    await show({ metric: 'api_error_rate', groupBy: ['endpoint'] });
    expect(await screen.findByDisplayValue('API error rate')).toBeInTheDocument();
    expect(screen.getByText('Endpoint')).toBeInTheDocument();
    expect(screen.getByText(/API error rate, described\. Unit: Percent/)).toBeInTheDocument();
  });

  it('keeps what applies when the metric changes, and runs the query', async () => {
    await show({ groupBy: ['agent', 'endpoint'], limit: 5 });
    await choose(control(labels.metric.label), /^Token issuances/);
    expect(last).toMatchObject({ metric: 'token_issuances', groupBy: ['agent'], limit: 5 });
    expect(onRunQuery).toHaveBeenCalledTimes(1);
  });

  it('offers the dimensions of the metric', async () => {
    await show({ metric: 'token_issuances' });
    const offered = (await optionsOf(control(labels.groupBy.label))).join();
    expect(offered).toContain('Agent');
    expect(offered).not.toContain('Endpoint');
  });

  it('sets the grouping', async () => {
    await show();
    await choose(control(labels.groupBy.label), /Status class/);
    expect(last.groupBy).toEqual(['statusClass']);
  });

  it('sets the interval', async () => {
    await show();
    await choose(control(labels.interval.label), '1 day');
    expect(last.interval).toBe('day');
  });

  it('hides the fields that a heatmap determines', async () => {
    await show();
    await choose(control(labels.format.label), 'Heatmap weekday × hour');
    expect(last.format).toBe('heatmap-weekday-hour');
    for (const label of [labels.groupBy.label, labels.interval.label, labels.orderBy.label]) {
      expect(screen.queryByRole('combobox', { name: new RegExp(`^${label}`) })).not.toBeInTheDocument();
    }
  });

  it('adds a trend to a table, and labels the interval accordingly', async () => {
    await show({ format: 'table', groupBy: ['agent'], interval: 'none' });
    await screen.findByText(/described/);
    await userEvent.click(screen.getByRole('switch'));
    expect(last.sparkline).toBe(true);
    expect(control(labels.trendInterval.label)).toHaveDisplayValue('Auto');
  });

  it('offers no trend for a metric without intervals', async () => {
    await show({ metric: 'snapshot', format: 'table' });
    await screen.findByText(/described/);
    expect(screen.queryByRole('switch')).not.toBeInTheDocument();
  });

  it('sets the order and its direction', async () => {
    await show();
    await choose(control(labels.orderBy.label), 'Value');
    expect(last.orderBy).toEqual({ by: 'value', direction: 'desc' });
    await userEvent.click(screen.getByLabelText(labels.direction.asc));
    expect(last.orderBy).toEqual({ by: 'value', direction: 'asc' });
    await choose(control(labels.orderBy.label), labels.orderBy.default);
    expect(last.orderBy).toBeUndefined();
  });

  it('sets limit and alias on Enter or blur, not on every key', async () => {
    await show();
    const limit = screen.getByRole('spinbutton', { name: labels.limit.label });
    await userEvent.type(limit, '25');
    expect(onRunQuery).not.toHaveBeenCalled();
    await userEvent.tab();
    expect(last.limit).toBe(25);
    await userEvent.type(screen.getByRole('textbox', { name: labels.alias.label }), 'calls{Enter}');
    expect(last.alias).toBe('calls');
    await userEvent.clear(limit);
    await userEvent.tab();
    expect(last.limit).toBeUndefined();
  });

  it('marks a metric that the catalog does not have, and keeps it', async () => {
    await show({ metric: 'of_another_version' });
    expect(await screen.findByText(labels.unknownMetric)).toBeInTheDocument();
    expect(screen.getByDisplayValue('of_another_version')).toBeInTheDocument();
  });

  it('accepts a variable as the metric', async () => {
    await show({ metric: '$metric' });
    expect(await screen.findByDisplayValue('$metric')).toBeInTheDocument();
    expect(screen.queryByText(labels.unknownMetric)).not.toBeInTheDocument();
  });

  it('shows why the catalog could not be loaded, and retries', async () => {
    backend.on('GET', 'token/api/v1/analytics/catalog', () => ({ status: 502 }));
    await show();
    const alert = await screen.findByRole('alert');
    expect(within(alert).getByText('AgentIdP Analytics cannot be reached.')).toBeInTheDocument();
    backend.on('GET', 'token/api/v1/analytics/catalog', () => ({ data: { metrics: [], dimensions: [] } }));
    await userEvent.click(within(alert).getByRole('button', { name: labels.retry }));
    await waitFor(() => expect(screen.queryByText(labels.noCatalog)).not.toBeInTheDocument());
  });
});

describe('filters', () => {
  const { filters } = labels;

  it('are added with the first dimension and no values', async () => {
    await show();
    await screen.findByText(/described/);
    await userEvent.click(screen.getByRole('button', { name: filters.add }));
    expect(last.filters).toEqual([{ dimension: 'agent', operator: 'in', values: [] }]);
  });

  it('offer the typed text after the matching values', async () => {
    await show({ filters: [{ dimension: 'agent', operator: 'in', values: [] }] });
    await userEvent.type(screen.getByTestId(filters.values), 'bill');
    await screen.findByRole('option', { name: /billing-bot/ });
    const options = screen.getAllByRole('option').map(({ textContent }) => textContent);
    expect(options.at(-1)).toBe(`bill${filters.asTyped}`);
    await userEvent.clear(screen.getByTestId(filters.values));
    await userEvent.type(screen.getByTestId(filters.values), 'billing-bot');
    await waitFor(() => expect(screen.queryByText(filters.asTyped)).not.toBeInTheDocument());
  });

  it('show the labels of their values', async () => {
    await show({ filters: [{ dimension: 'agent', operator: 'in', values: ['a2'] }] });
    expect(await screen.findByText('mail-bot')).toBeInTheDocument();
  });

  it('offer variables and values, and accept several', async () => {
    await show({ filters: [{ dimension: 'agent', operator: 'in', values: ['a2'] }] });
    await choose(screen.getByTestId(filters.values), /billing-bot/);
    expect(last.filters[0]?.values).toEqual(['a2', 'a1']);
    await userEvent.click(await screen.findByRole('option', { name: /\$agent/ }));
    expect(last.filters[0]?.values).toEqual(['a2', 'a1', '$agent']);
  });

  it('accept a value that is not listed, such as a glob', async () => {
    await show({ filters: [{ dimension: 'agent', operator: 'matches', values: [] }] });
    await userEvent.type(screen.getByTestId(filters.values), 'bill*');
    await userEvent.click(await screen.findByRole('option', { name: /bill\*/ }));
    expect(last.filters[0]?.values).toEqual(['bill*']);
  });

  it('can be negated, moved to another dimension, and removed', async () => {
    await show({ filters: [{ dimension: 'agent', operator: 'in', values: ['a2'] }] });
    await choose(screen.getByTestId(filters.operator), 'is none of');
    expect(last.filters[0]).toEqual({ dimension: 'agent', operator: 'notIn', values: ['a2'] });
    await choose(screen.getByTestId(filters.dimension), /^Endpoint/);
    expect(last.filters[0]).toEqual({ dimension: 'endpoint', operator: 'notIn', values: [] });
    await userEvent.click(screen.getByRole('button', { name: filters.remove }));
    expect(last.filters).toEqual([]);
  });
});
