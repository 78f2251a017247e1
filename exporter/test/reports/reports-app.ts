/** What the tests of reports share. */
import type { LightMyRequestResponse } from 'fastify';
import type { Scope } from '../../src/auth/principal.js';
import type { ReportContent } from '../../src/reports/content.js';
import type { ReportView } from '../../src/reports/reports.js';
import type { RunView } from '../../src/reports/runs.js';
import { DAY } from '../../src/time.js';
import { call, issued, refused } from '../support/events.js';
import { execution, step, usage } from '../support/executions.js';
import { NOW, type TestApp } from '../support/app.js';

const ADMIN: readonly Scope[] = ['analytics:read', 'analytics:write', 'analytics:admin'];

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** A request below /reports by an administrator of the tenant. */
export async function ask(
  t: TestApp,
  tenant: string,
  method: Method,
  path = '',
  payload?: object,
): Promise<LightMyRequestResponse> {
  return t.app.inject({
    method,
    url: `/api/v1/analytics/reports${path}`,
    headers: await t.headers({ tenant, scopes: ADMIN }),
    ...(payload && { payload }),
  });
}

function expectStatus(response: LightMyRequestResponse, status: number): LightMyRequestResponse {
  if (response.statusCode !== status)
    throw new Error(`${response.statusCode}: ${response.body.slice(0, 500)}`);
  return response;
}

export async function makeReport(t: TestApp, tenant: string, report: object): Promise<ReportView> {
  return expectStatus(await ask(t, tenant, 'POST', '', report), 201).json<ReportView>();
}

export type RunAnswer = RunView & { report: ReportContent | null };

/** Runs the report, and waits for what it found. */
export async function runReport(t: TestApp, tenant: string, id: string): Promise<RunAnswer> {
  const run = expectStatus(await ask(t, tenant, 'POST', `/${id}/run`), 202).json<RunView>();
  await t.services.reportRunner.runDue();
  return expectStatus(await ask(t, tenant, 'GET', `/${id}/runs/${run.id}`), 200).json<RunAnswer>();
}

export async function reportOf(t: TestApp, tenant: string, report: object): Promise<ReportContent> {
  const { id } = await makeReport(t, tenant, report);
  const { status, error, report: content } = await runReport(t, tenant, id);
  if (content === null) throw new Error(`${status}: ${error ?? ''}`);
  return content;
}

/** Names that must not become tags, attributes, formulas or lines of their own. */
export const HOSTILE = '<script>alert(1)</script>"\'&=1+1';
const HOSTILE_NAME = HOSTILE;

const AGENTS = [
  { agent_id: 'billing', agent_name: 'Billing bot', agent_tags: ['finance'], environment: 'production' },
  { agent_id: 'support', agent_name: 'Support bot', agent_tags: ['care'], environment: 'staging' },
  { agent_id: 'hostile', agent_name: HOSTILE_NAME, agent_tags: ['care'], environment: 'production' },
];

/** Three weeks of two agents, and of one with a hostile name: more each day, with failures of a new kind in the last week. */
export async function seed(t: TestApp, tenant: string): Promise<void> {
  const today = Math.floor(Date.parse(NOW) / DAY) * DAY;
  const executions: object[] = [];
  const events = [];
  for (let back = 21; back >= 1; back -= 1) {
    const day = today - back * DAY;
    for (const [i, agent] of AGENTS.entries()) {
      for (let run = 0; run < 2 + i + Math.floor((21 - back) / 7); run += 1) {
        const at = new Date(day + (3 + i * 5 + run) * 3_600_000).toISOString();
        const failed = run === 1 && (back + i) % 3 === 0;
        executions.push(
          execution(1 + executions.length, at, {
            ...agent,
            user_id: `u-${i}`,
            session_id: `s-${back}-${i}`,
            status: failed ? 'failure' : 'success',
            ...(failed && { error_type: back < 7 ? 'RateLimitError' : 'Timeout' }),
            execution_time_ms: 500 + 137 * run + 11 * back,
            steps: [step(1, 'tool_call', { tool_name: 'search', duration_ms: 20 + run, status: 'success' })],
            token_usages: [usage(i === 1 ? 'gpt-4o-mini' : 'gpt-4o', 1_000 + 40 * run, 200 + back)],
          }),
        );
        events.push(
          call(at, { agentId: agent.agent_id, endpoint: 'GET /things', status: failed ? 500 : 200 }),
        );
      }
      const at = new Date(day + 8 * 3_600_000).toISOString();
      events.push(issued(at, { agentId: agent.agent_id }), refused(at, { agentId: agent.agent_id }));
    }
  }
  const response = await t.post('/api/v1/executions', { executions }, { tenant });
  const { accepted } = response.json<{ accepted: number }>();
  if (accepted !== executions.length) throw new Error(response.body.slice(0, 500));
  await t.sendAndRollup(tenant, events);
}
