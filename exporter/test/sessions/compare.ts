/** The answers of the routes of sessions, held against a recount. */
import { sessionFunnel } from '../../src/query/sessions/funnel.js';
import type { Json, TestApp } from '../support/app.js';
import { dropoffOf, flowsOf, funnelOf, metricsOf, partOf, type SentRun, sessionsOf } from './recount.js';

/** The same to be expected, with numbers that may differ by how they were added up. */
export const near = (value: unknown): unknown =>
  typeof value === 'number'
    ? expect.closeTo(value, 6)
    : Array.isArray(value)
      ? value.map(near)
      : value !== null && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, near(inner)]))
        : value;

/** Of whole hours, milliseconds. */
interface Range {
  from: number;
  to: number;
}

const isWithin = (at: number, range: Range | undefined): boolean =>
  range === undefined || (at >= range.from && at < range.to);

/** Every route of sessions, of all agents and of each, over the range. Default: the last 30 days. */
export async function expectAnswers(
  t: TestApp,
  tenant: string,
  runs: readonly SentRun[],
  funnels: readonly (readonly string[])[],
  range?: Range,
): Promise<void> {
  const all = sessionsOf(runs, t.clock.now).filter(({ startedAt }) => isWithin(startedAt, range));
  const timeOf = (at: number): string => new Date(at).toISOString();
  const asked =
    range === undefined
      ? { query: 'period=30d', answer: { name: '30d' } }
      : {
          query: `start_time=${timeOf(range.from)}&end_time=${timeOf(range.to)}`,
          answer: { name: null, start: timeOf(range.from), end: timeOf(range.to) },
        };
  const agents = [...new Set(all.flatMap((session) => session.agents))];
  for (const agent of [undefined, ...agents]) {
    const query = `${asked.query}${agent === undefined ? '' : `&agent_id=${agent}`}`;
    const sessions = all.flatMap((session) => partOf(session, agent) ?? []);

    const { period, executions_without_session, ...metrics } = await t.read(
      `sessions/metrics?${query}`,
      tenant,
    );
    expect(period).toMatchObject(asked.answer);
    expect(metrics).toEqual(near(metricsOf(sessions)));
    expect(executions_without_session).toBe(
      runs.filter(
        ({ session_id, agent_id, started_at }) =>
          session_id === null &&
          isWithin(Date.parse(started_at), range) &&
          (agent === undefined || agent_id === agent),
      ).length,
    );

    for (const kind of ['steps', 'agents'] as const) {
      const answer = await t.read<{
        total_sessions: number;
        common_flows: (Json & { steps: string[] })[];
        other: Json;
      }>(`sessions/flows?${query}&of=${kind}&limit=1000`, tenant);
      expect(answer.total_sessions).toBe(sessions.length);
      expect(answer.other).toEqual({ count: 0, share: 0 });
      const found = new Map(
        answer.common_flows.map(({ steps, ...figures }) => [JSON.stringify(steps), figures]),
      );
      expect(found).toEqual(
        new Map([...flowsOf(sessions, kind)].map(([key, figures]) => [key, near(figures)])),
      );
    }

    const dropoff = await t.read<{ total_sessions: number; steps: Json[] }>(
      `sessions/dropoff?${query}`,
      tenant,
    );
    expect(dropoff.total_sessions).toBe(sessions.length);
    expect(dropoff.steps.map(({ top_last_steps: _, ...figures }) => figures)).toEqual(
      near(dropoffOf(sessions)),
    );

    for (const steps of funnels) {
      const funnel = await t.read<{ period: { start: string; end: string }; steps: Json[] }>(
        `sessions/funnel?${query}&steps=${steps.join()}`,
        tenant,
      );
      const recounted = near(funnelOf(sessions, steps));
      expect(funnel.steps).toEqual(recounted);
      const request = {
        range: { from: Date.parse(funnel.period.start), to: Date.parse(funnel.period.end) },
        agentId: agent,
        steps,
      };
      const all = { sessions: 0, sample: Infinity };
      expect((await sessionFunnel(t.pool, tenant, request, all)).steps).toEqual(recounted);
    }
  }
}
