/** The text that the demo prints when it is running: figures from the API, and example requests. */
import { DAY, formatDate } from '../time.js';
import { DemoApi } from './api.js';
import type { DemoTenant } from './fleet.js';
import type { Tokens } from './secrets.js';
import { type Cell, drawHeatmap, drawTable } from './terminal.js';

export interface IntroductionOptions {
  /** URL of the exporter. */
  url: string;
  /** The demo tenant is the first. */
  tenants: readonly DemoTenant[];
  tokens: Tokens;
  /** Events that this run added. */
  accepted: number;
  colour: boolean;
}

/** The parts of the API's responses that are shown. */
interface UsageSummary {
  period: { from: string; to: string };
  summary: {
    totalApiCalls: number;
    totalTokenIssuances: number;
    totalCredentialRotations: number;
    activeAgentCount: number;
    peakDailyApiCalls: number;
    peakDate: string | null;
  };
}

interface Overview {
  total_executions: number;
  success_rate: number | null;
  total_cost_usd: number;
  unpriced_executions: number;
}

interface BudgetList {
  budgets: { name: string | null; state: string; spend_percentage: number }[];
}

const PREFIX = '/api/v1/analytics';
/** Days that the figures cover, including today. */
const DAYS = 28;

export async function introduction(options: IntroductionOptions): Promise<string[]> {
  const { url, tenants, tokens, accepted, colour } = options;
  const ask = <T>(path: string, tenant: DemoTenant): Promise<T> =>
    new DemoApi(url, tokens.read.get(tenant.id)!).ask<T>(path);
  const [demo, ...others] = tenants as [DemoTenant, ...DemoTenant[]];
  // Whole weeks, so that every weekday occurs equally often.
  const range = `?from=${dateAgo(DAYS - 1)}&to=${dateAgo(0)}`;
  const usage = await ask<UsageSummary>(`/usage-summary${range}`, demo);
  const overview = await ask<Overview>(`/overview?start_date=${dateAgo(DAYS - 1)}`, demo);
  const { budgets } = await ask<BudgetList>('/budgets', demo);
  const { data } = await ask<{ data: Cell[] }>(`/agents/activity${range}`, demo);
  const neighbours = await Promise.all(
    others.map(async (tenant) => ({
      tenant,
      usage: await ask<UsageSummary>(`/usage-summary${range}`, tenant),
    })),
  );
  return [
    '',
    `Tenant "${demo.id}", ${usage.period.from} to ${usage.period.to} (${number(accepted)} new events in this run)`,
    ...drawTable([...figures(usage), ...spending(overview, budgets)]).map((line) => `  ${line}`),
    ...neighbours.map(
      ({ tenant, usage: { summary } }) =>
        `  Tenant "${tenant.id}" has ${number(summary.totalApiCalls)} calls by ${summary.activeAgentCount} agents. Neither token can read the other tenant's data.`,
    ),
    '',
    'API calls by weekday and hour (UTC)',
    ...drawHeatmap(data, colour).map((line) => `  ${line}`),
    '',
    ...examples(url, tokens.read.get(demo.id)!),
    '',
    place('Exporter', url),
    place('API docs', `${url}/docs`),
  ];
}

function figures({ summary }: UsageSummary): (readonly [string, string])[] {
  return [
    ['API calls', number(summary.totalApiCalls)],
    [
      'Busiest day',
      summary.peakDate === null ? '-' : `${summary.peakDate}, ${number(summary.peakDailyApiCalls)} calls`,
    ],
    ['Tokens issued', number(summary.totalTokenIssuances)],
    ['Credential rotations', number(summary.totalCredentialRotations)],
    ['Active agents', number(summary.activeAgentCount)],
  ];
}

function spending(overview: Overview, budgets: BudgetList['budgets']): (readonly [string, string])[] {
  const { total_executions, success_rate, total_cost_usd, unpriced_executions } = overview;
  const state = ({ name, state, spend_percentage }: BudgetList['budgets'][number]): string =>
    `${name ?? 'unnamed'} ${state} (${Math.round(spend_percentage)} %)`;
  return [
    [
      'Executions',
      `${number(total_executions)}, ${(success_rate ?? 0).toFixed(1)} % of finished executions succeeded`,
    ],
    ['Cost', `$${total_cost_usd.toFixed(2)}, excluding ${number(unpriced_executions)} unpriced executions`],
    ['Budgets', budgets.map(state).join(', ')],
  ];
}

function examples(url: string, token: string): string[] {
  const header = '-H "Authorization: Bearer $TOKEN"';
  const query = {
    range: { from: `${dateAgo(7)}T00:00:00Z`, to: `${dateAgo(0)}T00:00:00Z` },
    queries: [{ refId: 'A', metric: 'api_error_rate', groupBy: ['endpoint'], interval: 'none', limit: 5 }],
  };
  return [
    'Try it (read-only token, valid for 30 days):',
    `  TOKEN=${token}`,
    `  curl -s ${header} '${url}${PREFIX}/call-patterns?limit=5'`,
    `  curl -s ${header} '${url}${PREFIX}/agent-activity?agentId=inventory-sync'`,
    `  curl -s ${header} '${url}${PREFIX}/executions?status=failure&sort_by=cost_usd&page_size=5'`,
    `  curl -s ${header} '${url}${PREFIX}/costs/forecast'`,
    `  curl -s ${header} -H 'Content-Type: application/json' ${url}${PREFIX}/query -d '${JSON.stringify(query)}'`,
  ];
}

/** A line with a name and a place; the places of several lines are aligned. */
export const place = (name: string, where: string): string => `${name.padEnd(12)} ${where}`;

const dateAgo = (days: number): string => formatDate(Date.now() - days * DAY);
const number = (value: number): string => value.toLocaleString('en-US');
