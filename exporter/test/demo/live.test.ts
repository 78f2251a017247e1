/** Executions of the demo's live traffic while they run. */
import { demoTenants } from '../../src/demo/fleet.js';
import { runLive } from '../../src/demo/live.js';
import { type DemoRun, LIVE_BATCH, LIVE_RATE, runsOf } from '../../src/demo/runs.js';
import { parseExecutions } from '../../src/facts/execution/parse.js';
import { HOUR, MINUTE, SECOND } from '../../src/time.js';

const [tenant] = demoTenants('demo');
const TIMELINE = { anchor: Date.UTC(2026, 2, 18), fineFrom: Date.UTC(2026, 2, 16) };
const FROM = Date.UTC(2026, 2, 18, 9);

interface Sent {
  at: number;
  run: DemoRun;
}

/** What is sent from FROM until it is stopped, a second at a time. */
async function sentUntil(end: number): Promise<Sent[]> {
  const stopping = new AbortController();
  const sent: Sent[] = [];
  let clock = FROM;
  await runLive({
    tenants: [
      {
        tenant,
        timeline: TIMELINE,
        send: async () => undefined,
        sendRuns: async (runs) => void sent.push(...runs.map((run) => ({ at: clock, run }))),
      },
    ],
    from: FROM,
    signal: stopping.signal,
    everyMs: 0,
    now: () => (clock += SECOND),
    onSent: (until) => {
      if (until >= end) stopping.abort();
    },
  });
  return sent;
}

describe('an execution of live traffic', () => {
  const END = FROM + 6 * MINUTE;
  let sent: Sent[];
  let byId: Map<string, Sent[]>;
  beforeAll(async () => {
    sent = await sentUntil(END);
    byId = new Map(sent.map(({ run }) => [run.id, sent.filter((other) => other.run.id === run.id)]));
  });

  it('is sent as running after each of its steps, and then as it ended', () => {
    const batch = [...byId.values()].find(
      ([first]) => first!.run.agent_id === LIVE_BATCH.agentId && first!.run.steps.length === 0,
    )!;
    const steps = batch.map(({ run }) => run.steps.length);
    expect(steps.length).toBeGreaterThan(8);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(batch.slice(0, -1).map(({ run }) => run.status)).toEqual(batch.slice(1).map(() => 'running'));
    const whole = runsOf(tenant, FROM, LIVE_RATE).find(({ run }) => run.id === batch[0]!.run.id)!.run;
    expect(batch.at(-1)!.run).toEqual(whole);
  });

  it('has nothing yet that happens later', () => {
    const running = sent.filter(({ run }) => run.status === 'running');
    expect(running.length).toBeGreaterThan(20);
    for (const { at, run } of running) {
      expect(run.completed_at).toBeUndefined();
      const last = run.steps.at(-1);
      if (last) expect(Date.parse(last.timestamp) + last.duration_ms).toBeLessThan(at);
    }
  });

  it('is accepted in every state', () => {
    const { rejected } = parseExecutions(
      sent.map(({ run }) => JSON.parse(JSON.stringify(run)) as object),
      { now: END + HOUR, oldest: 0 },
    );
    expect(rejected).toEqual([]);
  });

  it('is always there: some agent works at any time', () => {
    for (let at = FROM + SECOND; at < FROM + 6 * MINUTE; at += SECOND) {
      const states = [...byId.values()].map((one) => one.findLast((state) => state.at <= at)?.run.status);
      expect([at, states.includes('running')]).toEqual([at, true]);
    }
  });

  it('does not go on after the demo has been stopped', () => {
    const last = [...byId.values()].map((one) => one.at(-1)!.run);
    expect(last.filter(({ status }) => status === 'running')).toEqual([]);
    const interrupted = last.filter(({ error_type }) => error_type === 'Interrupted');
    expect(interrupted.length).toBeGreaterThan(0);
    for (const run of interrupted)
      expect([run.status, Date.parse(run.completed_at!)]).toEqual(['failure', END]);
  });
});
