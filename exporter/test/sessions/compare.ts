/** The answers of the routes of sessions, held against a recount. */
import type { Json, TestApp } from '../support/app.js';
import { dropoffOf, flowsOf, funnelOf, metricsOf, partOf, type SentRun, sessionsOf } from './recount.js';

/** Numbers compared to nine digits. */
export const near = (value: unknown): unknown =>
  typeof value === 'number'
    ? Number(value.toPrecision(9))
    : Array.isArray(value)
      ? value.map(near)
      : value !== null && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, near(inner)]))
        : value;

/** Every route of sessions, of all agents and of each, over the last 30 days. */
export async function expectAnswers(
  t: TestApp,
  tenant: string,
  runs: readonly SentRun[],
  funnels: readonly (readonly string[])[],
): Promise<void> {
  const all = sessionsOf(runs, t.clock.now);
  const agents = [...new Set(all.flatMap((session) => session.agents))];
  for (const agent of [undefined, ...agents]) {
    const query = `period=30d${agent === undefined ? '' : `&agent_id=${agent}`}`;
    const sessions = all.flatMap((session) => partOf(session, agent) ?? []);

    const { period, executions_without_session, ...metrics } = await t.read(
      `sessions/metrics?${query}`,
      tenant,
    );
    expect(period).toMatchObject({ name: '30d' });
    expect(near(metrics)).toEqual(near(metricsOf(sessions)));
    expect(executions_without_session).toBe(
      runs.filter(
        ({ session_id, agent_id }) => session_id === null && (agent === undefined || agent_id === agent),
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
        answer.common_flows.map(({ steps, ...figures }) => [JSON.stringify(steps), near(figures)]),
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
    expect(near(dropoff.steps.map(({ top_last_steps: _, ...figures }) => figures))).toEqual(
      near(dropoffOf(sessions)),
    );

    for (const steps of funnels) {
      const funnel = await t.read<{ steps: Json[] }>(
        `sessions/funnel?${query}&steps=${steps.join()}`,
        tenant,
      );
      expect(near(funnel.steps)).toEqual(near(funnelOf(sessions, steps)));
    }
  }
}
