/** `import executions` with column mappings, and with real model calls whose totals are known. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LineIds } from '../../src/ingest/derived-id.js';
import { rowReader } from '../../src/ingest/executions/csv-row.js';
import { parseTime } from '../../src/time.js';
import { rowsOf, testApp, type TestApp } from '../support/app.js';
import { type Outcome, runCli } from './run-cli.js';

/** 19,366 calls of a production service. The file is optional and not part of the repository. */
const REAL_CALLS = fileURLToPath(
  new URL('../../../../shared/data/azure_llm_inference_conv.csv', import.meta.url),
);

let t: TestApp;
let folder: string;
beforeAll(async () => {
  t = await testApp({ now: new Date().toISOString(), env: { RETENTION_DAYS: '5000' } });
  folder = mkdtempSync(join(tmpdir(), 'agentidp-executions-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await t.close();
});

const run = (file: string, ...args: string[]): Promise<Outcome> =>
  runCli(['import', 'executions', file, ...args], { DATABASE_URL: t.database.url, RETENTION_DAYS: '5000' });

function csv(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

interface Page {
  items: Record<string, unknown>[];
  total: number;
}
const list = (tenant: string): Promise<Page> => t.read<Page>('executions?sort_order=asc', tenant);

const describeReal = existsSync(REAL_CALLS) ? describe : describe.skip;
if (!existsSync(REAL_CALLS)) {
  process.stderr.write(`Skipped: "real calls of models", because ${REAL_CALLS} is not there\n`);
}

describeReal('real calls of models', () => {
  const MAPPING = [
    ...['--column', 'started_at=TIMESTAMP', 'input_tokens=ContextTokens', 'output_tokens=GeneratedTokens'],
    ...['--set', 'status=success', 'model_name=conv', 'provider=azure'],
  ];

  it('have the expected token totals, and the expected cost at one dollar per million tokens', async () => {
    const price = {
      provider: 'azure',
      model_name: 'conv',
      effective_from: '2023-01-01',
      input_usd_per_mtok: 1,
      output_usd_per_mtok: 1,
    };
    const headers = await t.headers({ tenant: 'real', scopes: ['analytics:admin'] });
    await t.app.inject({ method: 'PUT', url: '/api/v1/analytics/prices', headers, payload: price });
    const first = await run(REAL_CALLS, '--tenant', 'real', ...MAPPING);
    expect(first.stdout).toMatch(/^19,366 rows: 19,366 accepted, 0 duplicates, 0 rejected, 0 broken;/);
    const again = await run(REAL_CALLS, '--tenant', 'real', ...MAPPING);
    expect(again.stdout).toMatch(/^19,366 rows: 0 accepted, 19,366 duplicates/);

    const range = { from: '2023-11-01T00:00:00Z', to: '2023-12-01T00:00:00Z' };
    const metrics = ['executions', 'input_tokens', 'output_tokens', 'cost_usd', 'unpriced_executions'];
    const results = await t.query('real', {
      range,
      queries: metrics.map((metric) => ({ refId: metric, metric })),
    });
    expect(metrics.map((metric) => rowsOf(results[metric]!)[0]!.value)).toEqual([
      19_366, 22_361_870, 4_088_665, 26.450535, 0,
    ]);
    expect(await list('real')).toMatchObject({
      total: 19_366,
      items: expect.arrayContaining([
        expect.objectContaining({
          started_at: '2023-11-16T18:15:46.680Z',
          input_tokens: 374,
          output_tokens: 44,
        }),
      ]),
    });
  }, 600_000);
});

it('columns with the names of fields need no mapping; tags, quotes and empty cells are parsed', async () => {
  const file = csv(
    'plain.csv',
    '\uFEFFid,started_at,status,agent_id,query_preview,tags,cost_usd,ignored',
    '01890a5d-ac96-774b-bcce-b302099a8057,2026-01-02T03:04:05+02:00,failure,a,"two, ""words""\nand a line",x; y,0.5,z',
    ',2026-01-02 03:04:05,success,,,,,',
    ',2026-01-02 03:04:05,success,,,,,',
  );
  const { stdout } = await run(file, '--tenant', 'plain');
  expect(stdout).toMatch(/^3 rows: 3 accepted/);
  expect((await list('plain')).items).toEqual([
    expect.objectContaining({
      id: '01890a5d-ac96-774b-bcce-b302099a8057',
      started_at: '2026-01-02T01:04:05.000Z',
      status: 'failure',
      agent_id: 'a',
      query_preview: 'two, "words"\nand a line',
      tags: ['x', 'y'],
      cost_usd: 0.5,
    }),
    expect.objectContaining({
      started_at: '2026-01-02T03:04:05.000Z',
      agent_id: null,
      tags: [],
      cost_usd: null,
    }),
    expect.objectContaining({ started_at: '2026-01-02T03:04:05.000Z' }),
  ]);
});

it('a broken row is reported with its line number, and the others are imported', async () => {
  const file = csv(
    'broken.csv',
    'started_at,status,input_tokens',
    '2026-01-02 03:04:05,success,7',
    '2026-01-02 03:04:05,success',
    '2026-01-02 03:04:05,success,seven',
    '2026-01-02 03:04:05,won,7',
    'yesterday,success,7',
    '1999-01-01 00:00:00,success,7',
  );
  const { stdout, stderr, exitCode } = await run(file, '--tenant', 'broken');
  expect([exitCode, stdout]).toEqual([
    3,
    expect.stringMatching(/^6 rows: 1 accepted, 0 duplicates, 3 rejected, 2 broken/),
  ]);
  expect(stderr).toContain('line 3: 2 cells where the header has 3');
  expect(stderr).toContain('line 4: input_tokens must be a number, not "seven"');
  expect(stderr).toContain('line 5: field status must be one of running, success, failure, timeout, blocked');
  expect(stderr).toMatch(
    /1 rejected, EXECUTION_TOO_OLD:\n {2}line 7: .*\n {2}The oldest is from 1999-01-01\. Set RETENTION_DAYS=/,
  );
});

it('stray and unclosed quotes, empty lines and multi-line cells do not affect other rows', async () => {
  const file = csv(
    'quotes.csv',
    'started_at,status,query_preview',
    '2026-01-02 03:04:01,success,say "hi" there',
    '',
    '2026-01-02 03:04:02,success,"said" loudly',
    '2026-01-02 03:04:03,success,"a ""cell"", of',
    '',
    'three lines"',
    '2026-01-02 03:04:04,success,"never closed',
    '2026-01-02 03:04:05,success,plain',
    '2026-01-02 03:04:06,won,"quoted"',
    '2026-01-02 03:04:07,success,"open again',
    '2026-01-02 03:04:08,success,last',
  );
  const { stdout, stderr, exitCode } = await run(file, '--tenant', 'quotes');
  expect(stdout).toMatch(/^8 rows: 5 accepted, 0 duplicates, 1 rejected, 2 broken/);
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining('line 8: has an unclosed quote')]);
  expect(stderr).toContain('line 11: has an unclosed quote');
  expect(stderr).toContain('line 10: field status must be one of');
  const { items } = await list('quotes');
  expect(items.map(({ query_preview }) => query_preview).sort()).toEqual([
    '"said" loudly',
    'a "cell", of\n\nthree lines',
    'last',
    'plain',
    'say "hi" there',
  ]);
});

it('of two rows with the same id the later one wins, however far apart', async () => {
  const row = (id: number, seconds: number, preview: string): string =>
    `00000000-0000-4000-8000-${String(id).padStart(12, '0')},2026-01-02T03:04:0${seconds}Z,success,${preview}`;
  const file = csv(
    'twice.csv',
    'id,started_at,status,query_preview',
    ...[0, 1, 2, 3].flatMap((round) =>
      Array.from({ length: 500 }, (_, i) => row(i, round, `round ${round}`)),
    ),
  );
  const { stdout } = await run(file, '--tenant', 'twice');
  expect(stdout).toMatch(/^2,000 rows: 2,000 accepted/);
  const { rows } = await t.pool.query(
    `SELECT count(*) AS there, count(DISTINCT query_preview) AS kinds, min(query_preview) AS preview
     FROM executions WHERE tenant_id = 'twice'`,
  );
  expect(rows).toEqual([{ there: 500, kinds: 1, preview: 'round 3' }]);
});

it.each([
  ['2023-11-16 18:17:03.9799600', '2023-11-16T18:17:03.979Z'],
  ['2023-11-16T18:17:03Z', '2023-11-16T18:17:03.000Z'],
  ['2023-11-16 18:17:03 UTC', '2023-11-16T18:17:03.000Z'],
  ['2023-11-16 18:17:03,5', '2023-11-16T18:17:03.500Z'],
  ['2023-11-16 18:17:03+0530', '2023-11-16T12:47:03.000Z'],
  ['2023-11-16 18:17:03.25+00', '2023-11-16T18:17:03.250Z'],
  ['2023-11-16 18:17', '2023-11-16T18:17:00.000Z'],
  ['2023-11-16', '2023-11-16T00:00:00.000Z'],
])('a time may be written as %s', (text, wanted) => {
  const reader = rowReader(['started_at', 'status'], { columns: {}, constants: {} }, new LineIds());
  const { started_at } = reader.read([text, 'success']).execution as { started_at: string };
  expect(new Date(parseTime(started_at)!).toISOString()).toBe(wanted);
});

it.each([
  [['--column', 'started=x'], 'there is no field "started"; there are id, '],
  [['--column', 'agent_id=Agent'], 'there is no column "Agent"; the file has started_at'],
  [[], 'status comes from no column; name one with --column status=COLUMN, or --set status=VALUE'],
  [['--column', 'nothing'], '--column must be FIELD=COLUMN, not "nothing"'],
])('%j is refused in one line', async (args, message) => {
  const { stdout, stderr, exitCode } = await run(
    csv('x.csv', 'started_at', '2026-01-01'),
    '--tenant',
    'x',
    ...args,
  );
  expect([stdout, exitCode]).toEqual(['', 1]);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain(message);
});
