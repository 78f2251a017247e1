/** Recommendations of one tenant with many executions: they look at its newest ones, so their time does not grow with it. */
import { recommend } from '../../src/costs/recommendations/recommend.js';
import { STATEMENT_TIMEOUT_MS } from '../../src/db/pool.js';
import type { ReadPool } from '../../src/db/read-shares.js';
import { DAY, floorTo, HOUR } from '../../src/time.js';
import type { BenchDatabase } from '../support/database.js';
import type { Bench, Context } from '../support/figure.js';
import { median, timed } from '../support/measure.js';
import { type BenchRun, runsBetween, USAGES } from '../support/runs.js';

const TENANT = 'bench';
const DAYS = 30;
const SIZE = {
  quick: { few: 100_000, many: 200_000, rounds: 3 },
  full: { few: 200_000, many: 1_000_000, rounds: 5 },
};

const RUNS = { seed: 17, agents: 25 };

const line = (values: readonly unknown[]): string => `${values.join('\t')}\n`;
const usd = ({ input, output }: BenchRun): string => ((input * 2.5 + output * 10) / 1e6).toFixed(8);

/** Executions with their usages by COPY. */
async function prepare({ server, progress }: Context, count: number, from: number, to: number) {
  const database = await server.create(`bench_recommendations_${count}`);
  const { pool } = database;
  await pool.query(`INSERT INTO tenants (id, tier) VALUES ($1, 'pro')`, [TENANT]);
  const runs = (): Generator<BenchRun> => runsBetween(RUNS, from, to, count);
  progress(`copying ${count} executions`);
  await database.copy(
    `executions (tenant_id, id, agent_id, user_id, provider, model_name, status, error_type, started_at, execution_time_ms,
       input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd, cost_source, tags,
       steps, own_tokens, header_digest, query_preview)`,
    (function* () {
      for (const run of runs()) {
        yield line([
          ...[TENANT, run.id, run.agent, run.user, 'openai', run.model, run.status],
          run.status === 'failure' ? 'Timeout' : '\\N',
          ...[new Date(run.startedAt).toISOString(), run.durationMs, USAGES * run.input, USAGES * run.output],
          ...[0, 0, 0, USAGES * Number(usd(run)), 'computed', '{}', 3, 'f', run.id],
          `The report of ${run.user} and why it has changed since ${run.input % 50} days`,
        ]);
      }
    })(),
  );
  progress(`copying the token usages of ${count} executions`);
  await database.copy(
    `token_usages (tenant_id, execution_id, usage_key, position, component, provider, model_name, step_number, input_tokens,
       output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd, cost_source)`,
    (function* () {
      for (const run of runs()) {
        for (let i = 0; i < USAGES; i += 1) {
          yield line([
            ...[TENANT, run.id, i, i, 'main_agent', 'openai', run.model, i + 1, run.input, run.output],
            ...[0, 0, 0, usd(run), 'computed'],
          ]);
        }
      }
    })(),
  );
  await pool.query('VACUUM ANALYZE');
  return { database, count };
}

/** Milliseconds of all statements together, and of the longest. */
async function measure({ pool }: BenchDatabase, from: number, to: number) {
  const statements: number[] = [];
  const timing: ReadPool = {
    query: async (text, values) => {
      let result;
      statements.push(
        await timed(async () => {
          result = await pool.query(text, values);
        }),
      );
      return result!;
    },
  };
  const all = await timed(() => recommend(timing, TENANT, { from, to }, Date.now()));
  return { all, longest: Math.max(...statements) };
}

const thousands = (count: number): string => (count < 1e6 ? `${count / 1000}k` : `${count / 1e6}M`);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

export const recommendations: Bench = {
  name: 'recommendations',
  figures: (size) => {
    const { few, many } = SIZE[size];
    return [
      {
        title: `recommendations of a tenant with ${thousands(many)} executions in 30 days ÷ with ${thousands(few)}`,
        target: { atMost: 1.5 },
      },
      {
        title: `the longest statement of these at ${thousands(many)} ÷ the statement timeout`,
        target: { atMost: 0.5 },
      },
    ];
  },
  run: async (context) => {
    const { few, many, rounds } = SIZE[context.size];
    const to = floorTo(Date.now(), DAY) + DAY;
    const from = to - DAYS * DAY;
    const until = floorTo(Date.now(), HOUR);
    const times: { all: number; longest: number }[] = [];
    for (const count of [few, many]) {
      const { database } = await prepare(context, count, from, until);
      try {
        const measured: typeof times = [];
        for (let round = 0; round <= rounds; round += 1) {
          context.progress(`recommendations at ${count}, round ${round}`);
          measured.push(await measure(database, from, to));
        }
        const counted = measured.slice(1);
        times.push({
          all: median(counted.map(({ all }) => all)),
          longest: median(counted.map(({ longest }) => longest)),
        });
      } finally {
        await database.drop();
      }
    }
    const [small, large] = times as [(typeof times)[0], (typeof times)[0]];
    return [
      { value: large.all / small.all, measured: `${seconds(large.all)} ÷ ${seconds(small.all)}` },
      {
        value: large.longest / STATEMENT_TIMEOUT_MS,
        measured: `${seconds(large.longest)} ÷ ${seconds(STATEMENT_TIMEOUT_MS)}; at ${thousands(few)} ${seconds(small.longest)}`,
      },
    ];
  },
};
