/** The editors of sessions, tools, teams, recommendations, reports, alerts and live figures. */
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { QueryEditor } from '../editors/QueryEditor';
import type { AnalyticsQuery } from '../query';
import { selectors } from '../selectors';
import { FakeBackend } from '../test/backend';
import { choose, HostedEditor, loaded, optionsOf } from '../test/editors';
import { datasource, query } from '../test/requests';
import { fakeTemplates } from '../test/templates';
import { labels as alerts } from './alerts/labels';
import { labels as compareAgents } from './compareAgents/labels';
import { labels as dropoff } from './dropoff/labels';
import { labels as executions } from './executions/labels';
import { labels as flows } from './flows/labels';
import { labels as funnel } from './funnel/labels';
import { labels as live } from './live/labels';
import { labels as recommendations } from './recommendations/labels';
import { labels as reports } from './reports/labels';
import { labels as sessions } from './sessions/labels';
import { labels as team } from './team/labels';

const { limit, filters } = selectors.QueryEditor;

let backend: FakeBackend;
let last: AnalyticsQuery;

beforeEach(() => {
  fakeTemplates({ status: { value: 'failed' } });
  backend = new FakeBackend().on('GET', 'token/api/v1/analytics/dimensions/agent/values', () => ({
    data: { values: [{ value: 'a1', label: 'billing-bot' }] },
  }));
});

async function show(changes: Partial<AnalyticsQuery>): Promise<void> {
  const props = {
    datasource: datasource(),
    query: query({ metric: '', ...changes }),
    onChange: (changed: AnalyticsQuery) => {
      last = changed;
    },
    onRunQuery: () => undefined,
  };
  render(<HostedEditor Editor={QueryEditor} {...props} />);
  await waitFor(() => expect(backend.sent('/catalog')).toHaveLength(1));
  await loaded();
}

const control = (name: string) => screen.getByRole('combobox', { name: new RegExp(`^${name}`) });
const enter = (role: string, name: string, text: string) =>
  userEvent.type(screen.getByRole(role, { name: new RegExp(`^${name}`) }), `${text}{Enter}`);

describe('the editor of sessions', () => {
  it('filters a list by status and limits it', async () => {
    await show({ queryType: 'sessions' });
    expect(screen.getByText(sessions.explanation)).toBeInTheDocument();
    const { any, options, label } = sessions.status;
    expect(await optionsOf(control(label))).toEqual([
      any,
      ...Object.values(options),
      expect.stringContaining('$status'),
    ]);
    await choose(control(label), options.failed);
    expect(last.sessionStatus).toBe('failed');
    await choose(control(label), any);
    expect(last.sessionStatus).toBeUndefined();
    await enter('spinbutton', limit.label, '5000');
    expect(last.limit).toBe(1_000);
  });

  it('offers neither for the figures', async () => {
    await show({ queryType: 'sessions' });
    await userEvent.click(screen.getByLabelText(sessions.part.options.metrics));
    expect(last.sessionPart).toBe('metrics');
    expect(screen.queryByText(sessions.status.label)).not.toBeInTheDocument();
    expect(screen.queryByText(limit.label)).not.toBeInTheDocument();
  });

  it('adds a filter by agent that keeps values', async () => {
    await show({ queryType: 'sessions' });
    await userEvent.click(screen.getByRole('button', { name: filters.add }));
    await choose(screen.getByTestId(filters.values), /billing-bot/);
    expect(last.filters).toEqual([{ dimension: 'agent', operator: 'in', values: ['a1'] }]);
  });
});

it('the editor of executions selects a session', async () => {
  await show({ queryType: 'executions' });
  await enter('textbox', executions.sessionId.label, '$session');
  expect(last.sessionId).toBe('$session');
});

it('the editor of flows selects steps or agents, and a table or a graph', async () => {
  await show({ queryType: 'flows' });
  expect(screen.getByLabelText(flows.of.options.steps)).toBeChecked();
  expect(screen.getByLabelText(flows.format.options.table)).toBeChecked();
  await userEvent.click(screen.getByLabelText(flows.of.options.agents));
  await userEvent.click(screen.getByLabelText(flows.format.options['node-graph']));
  expect(last).toMatchObject({ flowOf: 'agents', format: 'node-graph' });
});

it('the editor of the drop-off selects bars or a table', async () => {
  await show({ queryType: 'dropoff' });
  expect(screen.getByLabelText(dropoff.format.options.bars)).toBeChecked();
  await userEvent.click(screen.getByLabelText(dropoff.format.options.table));
  expect(last.format).toBe('table');
});

describe('the editor of a funnel', () => {
  const { label, tooFew, tooMany } = funnel.steps;

  it('takes names that are separated by commas', async () => {
    await show({ queryType: 'funnel' });
    expect(screen.queryByText(tooFew)).not.toBeInTheDocument();
    await enter('textbox', label, 'search, pay');
    expect(last.funnelSteps).toEqual(['search', 'pay']);
    expect(screen.getByRole('textbox', { name: label })).toHaveValue('search, pay');
    await userEvent.click(screen.getByLabelText(funnel.format.options.table));
    expect(last).toMatchObject({ funnelSteps: ['search', 'pay'], format: 'table' });
  });

  it.each([
    [['search'], tooFew],
    [[...'abcdefghijk'], tooMany],
  ])('says what is wrong with %j', async (funnelSteps, problem) => {
    await show({ queryType: 'funnel', funnelSteps });
    expect(screen.getByText(problem)).toBeInTheDocument();
  });

  it('cannot tell how many steps a variable has', async () => {
    await show({ queryType: 'funnel', funnelSteps: ['$steps'] });
    expect(screen.queryByText(tooFew)).not.toBeInTheDocument();
  });
});

it('the editor of a comparison offers metrics of agents, and asks for agents', async () => {
  await show({ queryType: 'compareAgents', compareMetrics: [] });
  const agents = new RegExp(compareAgents.agents);
  expect(screen.getByText(agents)).toBeInTheDocument();
  const metrics = control(compareAgents.metrics.label);
  const offered = await optionsOf(metrics);
  expect(offered.join()).toContain('API calls');
  expect(offered.join()).not.toContain('P95 API duration');
  await choose(metrics, /^API calls/);
  expect(last.compareMetrics).toEqual(['api_calls']);
  await userEvent.keyboard('{Escape}');
  await userEvent.click(screen.getByRole('button', { name: filters.add }));
  await choose(screen.getByTestId(filters.values), /billing-bot/);
  expect(screen.queryByText(agents)).not.toBeInTheDocument();
});

it('the editor of recommendations lists dismissed ones, or shows the total', async () => {
  await show({ queryType: 'recommendations' });
  const dismissed = screen.getByRole('switch', { name: new RegExp(`^${recommendations.dismissed.label}`) });
  await userEvent.click(dismissed);
  expect(last.showDismissed).toBe(true);
  await userEvent.click(dismissed);
  expect(last.showDismissed).toBeUndefined();
  await userEvent.click(screen.getByLabelText(recommendations.part.options.total));
  expect(last.recommendationPart).toBe('total');
  expect(screen.queryByText(recommendations.dismissed.label)).not.toBeInTheDocument();
});

it.each([
  ['tools', 1_000],
  ['userActivity', 1_000],
] as const)('the editor of %s limits the rows', async (queryType, max) => {
  await show({ queryType });
  await enter('spinbutton', limit.label, String(max + 1));
  expect(last.limit).toBe(max);
});

it('the editor of the team has an explanation only', async () => {
  await show({ queryType: 'team' });
  expect(screen.getByText(team.explanation)).toBeInTheDocument();
});

it('the editor of reports selects one report, or all', async () => {
  await show({ queryType: 'reports' });
  expect(screen.getByText(reports.explanation)).toBeInTheDocument();
  const id = screen.getByRole('textbox', { name: new RegExp(`^${reports.reportId.label}`) });
  expect(id).toHaveAttribute('placeholder', reports.reportId.placeholder);
  await userEvent.type(id, '$report{Enter}');
  expect(last).toMatchObject({ queryType: 'reports', reportId: '$report' });
  await userEvent.clear(id);
  await userEvent.type(id, '{Enter}');
  expect(last.reportId).toBeUndefined();
});

it.each([
  ['alerts', alerts],
  ['live', live],
] as const)('the editor of %s has an explanation only', async (queryType, { explanation }) => {
  await show({ queryType });
  expect(screen.getByText(explanation)).toBeInTheDocument();
});
