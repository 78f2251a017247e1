/** An upgrade keeps every answer, and replicas of both releases run beside each other on one database. */
import { silentLog } from '../../src/db/log.js';
import { migrate } from '../../src/db/migrate.js';
import { bodyOf, rowsOf, testApp, type TestApp } from '../support/app.js';
import { migrationsDir, type TestDatabase } from '../support/database.js';
import { differences, pendingMarks } from '../support/recount.js';
import { expectUnchanged } from './answers.js';
import { ask } from './ask.js';
import { readRecorded, releases, replay, restore } from './earlier-release.js';
import {
  EVENTS_BEFORE,
  EVENTS_BESIDE,
  EXECUTIONS_BEFORE,
  EXECUTIONS_BESIDE,
  NOW,
  TENANT,
  TENANTS,
  TRACE,
} from './scenario.js';

const DAYS_WITH_FACTS = [
  ['2026-02-11T00:00:00Z', '2026-02-12T00:00:00Z'],
  ['2026-03-04T00:00:00Z', '2026-03-05T00:00:00Z'],
  ['2026-03-15T00:00:00Z', '2026-03-16T00:00:00Z'],
  ['2026-03-17T00:00:00Z', NOW],
] as const;

interface Taken {
  accepted: number;
  duplicates: number;
}

describe.each(releases())('an upgrade from %s', (version) => {
  const recorded = readRecorded(version);
  let database: TestDatabase;
  let t: TestApp;

  beforeAll(async () => {
    database = await restore(recorded);
    await migrate(database.pool, { dir: migrationsDir, log: silentLog });
    t = await testApp({ now: NOW, database });
  });
  afterAll(async () => {
    await t.close();
    await database.drop();
  });

  const send = async (path: string, body: object): Promise<Taken> => {
    const { accepted, duplicates } = bodyOf<Taken & Record<string, unknown>>(
      await t.post(path, body, TENANT),
    );
    return { accepted, duplicates };
  };

  it('answers as before, before and after its first rollup', async () => {
    expectUnchanged(await ask(t), recorded.answers);
    await t.rollup();
    expectUnchanged(await ask(t), recorded.answers);
  });

  it('has figures of the past in aggregates that the earlier release did not have', async () => {
    const range = { from: '2026-02-01T00:00:00Z', to: '2026-03-19T00:00:00Z' };
    const metrics = ['executions', 'cost_usd', 'steps', 'execution_duration_p95_ms'];
    const results = await t.query(TENANT, {
      range,
      queries: metrics.flatMap((metric) => [
        { refId: metric, metric },
        { refId: `${metric} by environment`, metric, groupBy: ['environment'] },
        { refId: `${metric} by level`, metric, groupBy: ['level'] },
        { refId: `${metric} by user`, metric, groupBy: ['user'] },
        { refId: `${metric} by level and user`, metric, groupBy: ['user', 'level'] },
      ]),
    });
    for (const metric of metrics) {
      const [{ value } = { value: undefined }] = rowsOf(results[metric]!);
      expect(value).toBeGreaterThan(0);
      expect(rowsOf(results[`${metric} by environment`]!)).toEqual([{ environment: null, value }]);
      expect(rowsOf(results[`${metric} by level`]!)).toEqual([{ level: 'top', value }]);
      expect(rowsOf(results[`${metric} by level and user`]!)).toEqual(
        rowsOf(results[`${metric} by user`]!).map((row) => ({ ...row, level: 'top' })),
      );
    }
  });

  it('recognises what the earlier release has stored when it is sent again', async () => {
    expect(await send('/api/v1/events', { events: EVENTS_BEFORE })).toEqual({
      accepted: 0,
      duplicates: EVENTS_BEFORE.length,
    });
    expect(await send('/api/v1/executions', { executions: EXECUTIONS_BEFORE })).toEqual({
      accepted: 0,
      duplicates: EXECUTIONS_BEFORE.length,
    });
    expect((await t.post('/v1/traces', TRACE, TENANT)).statusCode).toBe(200);
    await t.rollup();
    expectUnchanged(await ask(t), recorded.answers);
  });

  it('takes over what a replica of the earlier release writes and rolls up beside it', async () => {
    await replay(database.url, recorded.statements);
    await t.rollup();
    expect(await pendingMarks(database.pool)).toEqual({});
    expectUnchanged(await ask(t), recorded.answersBeside);
    expect(await send('/api/v1/events', { events: EVENTS_BESIDE })).toEqual({
      accepted: 0,
      duplicates: EVENTS_BESIDE.length,
    });
    expect(await send('/api/v1/executions', { executions: EXECUTIONS_BESIDE })).toEqual({
      accepted: 0,
      duplicates: EXECUTIONS_BESIDE.length,
    });
  });

  it('recomputes every aggregate of the earlier release to the same answers', async () => {
    for (const tenant of TENANTS) {
      for (const [from, to] of DAYS_WITH_FACTS)
        await t.services.rollup.recomputeRange(tenant, Date.parse(from), Date.parse(to));
    }
    expectUnchanged(await ask(t), recorded.answersBeside);
    const wrong = await differences(database.pool, { minutesFrom: Date.parse('2026-03-16T12:00:00Z') });
    // The recount of agents knows events alone; these agents have executions as well.
    expect(wrong.filter((line) => !line.startsWith('agents:'))).toEqual([]);
  });
});
