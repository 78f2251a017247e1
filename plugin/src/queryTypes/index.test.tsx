import { render, screen, waitFor } from '@testing-library/react';
import { readdirSync } from 'node:fs';
import { QueryEditor } from '../editors/QueryEditor';
import { defaultQuery, isRunnable, normalizeQuery, queryText, type AnalyticsQuery } from '../query';
import { selectors } from '../selectors';
import { FakeBackend } from '../test/backend';
import { HostedEditor, loaded } from '../test/editors';
import { COMPARISON, RECOMMENDATIONS, TEAM, TOOLS, USERS } from '../test/agents';
import { REPORT_RUN } from '../test/reports';
import { alert, budget, execution, EXECUTION_ID, FORECAST } from '../test/executions';
import { columnsFor, datasource, run, time, value } from '../test/requests';
import { DROPOFF, FLOWS, FUNNEL, SESSIONS } from '../test/sessions';
import { fakeTemplates } from '../test/templates';
import { PANEL_QUERY_TYPES, QUERY_TYPES, queryTypeOf, type QueryType } from './index';

/** The fields that a user must fill in before a query of this type can run. Each value is a variable. */
const ENTERED: Record<QueryType, Partial<AnalyticsQuery>> = {
  metric: { alias: '$text' },
  executions: { sessionId: '$text' },
  execution: { executionId: '$execution' },
  sessions: { sessionStatus: '$status' },
  flows: {},
  dropoff: {},
  funnel: { funnelSteps: ['$text', 'pay'] },
  tools: {},
  team: {},
  userActivity: {},
  compareAgents: {
    compareMetrics: ['$metric', 'cost'],
    filters: [{ dimension: 'agent', operator: 'in', values: ['$agents'] }],
  },
  recommendations: {},
  budgets: {},
  alerts: {},
  forecast: {},
  reports: { reportId: '$text' },
  annotation: { annotation: 'rotations' },
  dimensionValues: { dimension: '$dimension', search: '$text' },
  live: {},
};

const enteredQuery = (queryType: QueryType) =>
  normalizeQuery({ refId: 'A', ...ENTERED[queryType], queryType });

const API = 'token/api/v1/analytics';
let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates({
    text: { value: 'text' },
    execution: { value: EXECUTION_ID },
    dimension: { value: 'agent' },
    status: { value: 'active' },
    metric: { value: 'api_calls' },
    agents: { value: ['a1', 'a2'] },
  });
  backend = new FakeBackend()
    .onQuery((request) => columnsFor(request, [time('2026-03-15T00:00:00Z'), value(1)]))
    .on('GET', `${API}/executions`, () => ({
      data: { items: [execution()], total: 1, next_cursor: null },
    }))
    .on('GET', `${API}/executions/${EXECUTION_ID}`, () => ({ data: execution() }))
    .on('GET', `${API}/budgets`, () => ({ data: { budgets: [budget()] } }))
    .on('GET', `${API}/alerts`, () => ({ data: { alerts: [alert()], next_cursor: null } }))
    .on('GET', `${API}/costs/forecast`, () => ({ data: FORECAST }))
    .on('GET', `${API}/sessions`, () => ({ data: SESSIONS }))
    .on('GET', `${API}/sessions/flows`, () => ({ data: FLOWS }))
    .on('GET', `${API}/sessions/dropoff`, () => ({ data: DROPOFF }))
    .on('GET', `${API}/sessions/funnel`, () => ({ data: FUNNEL }))
    .on('GET', `${API}/tools`, () => ({ data: TOOLS }))
    .on('GET', `${API}/team`, () => ({ data: TEAM }))
    .on('GET', `${API}/users/activity`, () => ({ data: USERS }))
    .on('GET', `${API}/agents/compare`, () => ({ data: COMPARISON }))
    .on('GET', `${API}/costs/recommendations`, () => ({ data: RECOMMENDATIONS }))
    .on('GET', `${API}/live`, () => ({ data: `${JSON.stringify({ at: '2026-03-18T12:00:00Z' })}\n` }))
    .on('GET', `${API}/reports/text/runs`, () => ({ data: { runs: [REPORT_RUN], next_cursor: null } }))
    .on('GET', `${API}/dimensions/agent/values`, () => ({
      data: { values: [{ value: 'a1', label: 'billing-bot' }] },
    }));
});

describe('the query types', () => {
  it('are the folders of this directory', () => {
    const folders = readdirSync(__dirname, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(QUERY_TYPES.map(({ type }) => type as string).sort()).toEqual(folders.sort());
    expect(Object.keys(ENTERED).sort()).toEqual(folders.sort());
  });

  it('have distinct labels', () => {
    expect(new Set(PANEL_QUERY_TYPES.map(({ label }) => label)).size).toBe(PANEL_QUERY_TYPES.length);
  });
});

describe.each(QUERY_TYPES.map(({ type }) => type))('a query of the type %s', (type) => {
  it('is complete, and stays the same when it is normalized again', () => {
    const query = enteredQuery(type);
    expect(queryTypeOf(query).type).toBe(type);
    expect(isRunnable(query)).toBe(true);
    expect(normalizeQuery(query)).toEqual(query);
    expect(queryText(query)).toMatch(/\S/);
  });

  it('is requested from the exporter and answered with frames', async () => {
    const { data, errors } = await run(datasource(), [enteredQuery(type)]);
    expect(errors).toBeUndefined();
    expect(data.map(({ refId }) => refId)).toEqual(['A']);
    expect(data[0].fields[0].values.length).toBeGreaterThan(0);
    expect(backend.requests.filter(({ url }) => !url.endsWith('/catalog'))).toHaveLength(1);
  });

  it('has no variables on the way to Explore', () => {
    const [query] = datasource().interpolateVariablesInQueries([enteredQuery(type)], {});
    expect(JSON.stringify(query)).not.toContain('$');
  });
});

describe.each(PANEL_QUERY_TYPES.map(({ type, label }) => ({ type, label })))(
  'a new query of the type $type',
  ({ type, label }) => {
    it('is shown by its own editor', async () => {
      const error = jest.spyOn(console, 'error');
      render(
        <HostedEditor
          Editor={QueryEditor}
          datasource={datasource()}
          query={{ refId: 'A', ...defaultQuery(type) }}
          onChange={() => undefined}
          onRunQuery={() => undefined}
        />,
      );
      await waitFor(() => expect(backend.sent('/catalog')).toHaveLength(1));
      await loaded();
      const { queryType } = selectors.QueryEditor;
      expect(screen.getByRole('combobox', { name: queryType.label })).toHaveDisplayValue(label);
      expect(error).not.toHaveBeenCalled();
      error.mockRestore();
    });

    it('needs nothing but what its editor asks for', async () => {
      const query = { refId: 'A', ...defaultQuery(type), ...ENTERED[type] };
      expect((await run(datasource(), [query])).errors).toBeUndefined();
    });
  },
);
