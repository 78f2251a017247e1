/** Sends every query of the dashboards through the plugin to a real exporter with data. */
import { readdirSync, readFileSync } from 'node:fs';
import type { TestApp } from 'agentidp-analytics/testing/app';
import type { FakeVariable } from 'agentidp-analytics-datasource/testing/templates';
import { ANALYTICS_PLUGIN_ID, VARIABLE } from 'agentidp-analytics-panels/names';
import type { DashboardJson, PanelJson, TargetJson } from './model.js';
import { AGENT, FLEET, addRuns, latestExecution, RUNNER, seededExporter } from './support/fleet.js';
import { Grafana, showsSomething } from './support/grafana.js';

const FOLDERS = ['dashboards', 'operations'].map(
  (folder) => new URL(`../../provisioning/grafana/${folder}/`, import.meta.url),
);
const committed = FOLDERS.flatMap((folder) =>
  readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Committed),
);

interface Committed extends DashboardJson {
  time: { from: string; to: string };
  panels: Array<PanelJson & { timeFrom?: string; timeShift?: string; maxDataPoints?: number }>;
}

/** The queries of a panel, an annotation or a variable. The targets of a panel are sent together. */
interface Asked {
  name: string;
  targets: TargetJson[];
  range: { from: string; to: string };
  maxDataPoints: number;
  /** How the dashboard is first shown. */
  variables: Record<string, FakeVariable>;
}

const NOT_SET_BY_PANEL = 500;
const NOT_OF_EVERY_AGENT = ['unpriced_executions', 'storage_cost_usd'];
const isAnalytics = (target: { datasource?: { type: string } }) =>
  target.datasource?.type === ANALYTICS_PLUGIN_ID;

const agents = FLEET.agents.map(({ id }) => id);
const all: FakeVariable = { value: ['$__all'], options: agents };
const one: FakeVariable = { value: AGENT, options: agents };
/** Dashboards about executions, which not every agent has. */
const ABOUT_EXECUTIONS = [
  ...['Executions', 'Model comparison', 'Sessions', 'Tools', 'Teams', 'Compare agents', 'Cost optimisation'],
];
const single = ({ name }: Asked): FakeVariable =>
  ABOUT_EXECUTIONS.some((title) => name.startsWith(`${title}: `)) ? { value: RUNNER, options: agents } : one;

/** A variable without All has one of its values. */
function variablesOf({ templating }: Committed): Record<string, FakeVariable> {
  const agent = templating.list.find(({ name }) => name === VARIABLE.agent);
  return {
    ...OTHERS,
    [VARIABLE.agent]: (agent as { includeAll?: boolean } | undefined)?.includeAll ? all : one,
  };
}

const anything: FakeVariable = { value: ['$__all'], options: [] };
/** The variables that stay as they are when an agent is chosen. */
const OTHERS: Record<string, FakeVariable> = {
  [VARIABLE.agentTag]: anything,
  [VARIABLE.environment]: anything,
  [VARIABLE.user]: anything,
  [VARIABLE.sessionStatus]: { value: '$__all', options: ['active', 'completed', 'failed'] },
  [VARIABLE.session]: { value: '' },
  // Those of an agent that every dashboard about executions is asked for.
  [VARIABLE.funnelSteps]: { value: ['search_tickets', 'set_priority'] },
  [VARIABLE.metric]: { value: 'execution_success_rate' },
};

/** `now/M` is this month so far; with the shift `0M/M`, it is the whole month. */
function rangeOf({ timeFrom, timeShift }: Committed['panels'][number], time: Committed['time']) {
  const from = timeFrom ?? time.from;
  return { from, to: timeShift === '0M/M' ? from : time.to };
}

const asked = committed.flatMap((dashboard): Asked[] => {
  const { title, time, panels, annotations, templating } = dashboard;
  const shared = { range: time, maxDataPoints: NOT_SET_BY_PANEL, variables: variablesOf(dashboard) };
  return [
    ...panels.map((panel) => ({
      ...shared,
      name: `panel ${panel.title}`,
      targets: panel.targets ?? [],
      maxDataPoints: panel.maxDataPoints ?? NOT_SET_BY_PANEL,
      range: rangeOf(panel, time),
    })),
    ...annotations.list.map(({ name, target }) => ({
      ...shared,
      name: `annotation ${name}`,
      targets: [target],
    })),
    ...templating.list.map(({ name, datasource, query }) => ({
      ...shared,
      name: `variable ${name}`,
      targets: query instanceof Object ? [{ ...(query as TargetJson), datasource }] : [],
    })),
  ]
    .map((each) => ({
      ...each,
      name: `${title}: ${each.name}`,
      targets: (each.targets as TargetJson[]).filter(isAnalytics),
    }))
    .filter(({ targets }) => targets.length > 0);
});

let exporter: TestApp;
let grafana: Grafana;
/** The execution that a click in a table selects. */
let execution: FakeVariable;

beforeAll(async () => {
  exporter = await seededExporter();
  grafana = new Grafana(exporter, await exporter.token(FLEET.id, ['analytics:read']));
  const latest = await latestExecution(exporter, RUNNER);
  await addRuns(exporter, latest);
  execution = { value: latest };
}, 120_000);
afterAll(() => exporter.close());

const ask = (request: Asked) =>
  grafana.ask({ ...request, variables: { ...request.variables, [VARIABLE.execution]: execution } });

/** The queries whose result is empty. */
async function empty(request: Asked): Promise<string[]> {
  const response = await ask(request);
  expect(response.errors ?? []).toEqual([]);
  return request.targets.map(({ refId }) => refId).filter((refId) => !showsSomething(response, refId));
}

const named = asked.map((request) => [request.name, request] as const);

describe('a query of a dashboard', () => {
  it('exists in panels, annotations and variables', () => {
    const kinds = new Set(asked.map(({ name }) => /: (\w+) /.exec(name)?.[1]));
    expect(kinds).toEqual(new Set(['panel', 'annotation', 'variable']));
    expect(asked.length).toBeGreaterThan(50);
  });

  it.each(named)('returns data for the initial time range: %s', async (_, request) => {
    expect(await empty(request)).toEqual([]);
  });

  it.each(named)('returns data for a single agent: %s', async (_, request) => {
    // All executions of that agent are priced, and it stores nothing.
    const without = request.targets.filter(({ metric = '' }) => NOT_OF_EVERY_AGENT.includes(metric));
    const variables = { ...request.variables, [VARIABLE.agent]: single(request) };
    const none = await empty({ ...request, variables });
    expect(none.filter((refId) => without.every((target) => target.refId !== refId))).toEqual([]);
  });

  it.each(named)('returns no error for the last six hours: %s', async (_, request) => {
    // This range uses minute aggregates. It may contain no data.
    const { errors = [] } = await ask({ ...request, range: { from: 'now-6h', to: 'now' } });
    expect(errors).toEqual([]);
  });
});
