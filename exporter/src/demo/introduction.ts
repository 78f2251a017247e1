/** What the demo prints once it runs: the figures, asked of the API as anybody would, and how to ask for more. */
import type { DemoTenant } from './fleet.js';
import type { Tokens } from './secrets.js';
import { type Cell, drawHeatmap, drawTable } from './terminal.js';

export interface IntroductionOptions {
  /** Of the exporter. */
  url: string;
  /** The demo's own tenant first. */
  tenants: readonly DemoTenant[];
  tokens: Tokens;
  /** Events that this run has added. */
  accepted: number;
  colour: boolean;
}

/** The parts of the API's answers that are shown. */
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

const PREFIX = '/api/v1/analytics';

export async function introduction(options: IntroductionOptions): Promise<string[]> {
  const { url, tenants, tokens, accepted, colour } = options;
  const ask = async <T>(path: string, tenant: DemoTenant): Promise<T> => {
    const answer = await fetch(`${url}${PREFIX}${path}`, {
      headers: { authorization: `Bearer ${tokens.read.get(tenant.id)!}` },
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const [demo, ...others] = tenants as [DemoTenant, ...DemoTenant[]];
  const usage = await ask<UsageSummary>('/usage-summary', demo);
  const { data } = await ask<{ data: Cell[] }>('/agents/activity', demo);
  const neighbours = await Promise.all(others.map(async (tenant) => ({ tenant, usage: await ask<UsageSummary>('/usage-summary', tenant) })));
  return [
    '',
    `Tenant "${demo.id}", ${usage.period.from} to ${usage.period.to} (${number(accepted)} events were new in this run)`,
    ...drawTable(figures(usage)).map((line) => `  ${line}`),
    ...neighbours.map(({ tenant, usage: { summary } }) => 
      `  Beside it, tenant "${tenant.id}" has ${number(summary.totalApiCalls)} calls of ${summary.activeAgentCount} agents: neither token sees the other's.`),
    '',
    'API calls by weekday and hour (UTC)',
    ...drawHeatmap(data, colour).map((line) => `  ${line}`),
    '',
    ...examples(url, tokens.read.get(demo.id)!),
    '',
    ...drawTable([
      ['Exporter', url],
      ['API page', `${url}/docs`],
    ]).map((line) => line.replace(/^(\S+(?: \S+)?) +/, (_, label: string) => `${label.padEnd(12)} `)),
  ];
}

function figures({ summary }: UsageSummary): (readonly [string, string])[] {
  return [
    ['API calls', number(summary.totalApiCalls)],
    ['Busiest day', summary.peakDate === null ? '-' : `${summary.peakDate}, ${number(summary.peakDailyApiCalls)} calls`],
    ['Tokens issued', number(summary.totalTokenIssuances)],
    ['Credential rotations', number(summary.totalCredentialRotations)],
    ['Active agents', number(summary.activeAgentCount)],
  ];
}

function examples(url: string, token: string): string[] {
  const header = '-H "Authorization: Bearer $TOKEN"';
  const query = {
    range: { from: daysAgo(7), to: daysAgo(0) },
    queries: [{ refId: 'A', metric: 'api_error_rate', groupBy: ['endpoint'], interval: 'none', limit: 5 }],
  };
  return [
    'Try it (the token may read for 30 days):',
    `  TOKEN=${token}`,
    `  curl -s ${header} '${url}${PREFIX}/call-patterns?limit=5'`,
    `  curl -s ${header} '${url}${PREFIX}/agent-activity?agentId=inventory-sync'`,
    `  curl -s ${header} -H 'Content-Type: application/json' ${url}${PREFIX}/query -d '${JSON.stringify(query)}'`,
  ];
}

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19) + 'Z';
const number = (value: number): string => value.toLocaleString('en-US');
