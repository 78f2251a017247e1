/** `import executions`: CSV as spreadsheets and databases write it, and what a second import of the same rows does. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { derivedId } from '../../src/ingest/derived-id.js';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { describeReal } from '../support/optional.js';
import { type Outcome, runCli } from './run-cli.js';

let t: TestApp;
let folder: string;
beforeAll(async () => {
  t = await testApp({ now: new Date().toISOString(), env: { RETENTION_DAYS: '5000' } });
  folder = mkdtempSync(join(tmpdir(), 'agentidp-csv-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await t.close();
});

const run = (file: string, tenant: string, ...args: string[]): Promise<Outcome> =>
  runCli(['import', 'executions', file, '--tenant', tenant, ...args], {
    DATABASE_URL: t.database.url,
    RETENTION_DAYS: '5000',
  });

let files = 0;
function file(content: string | Buffer): string {
  files += 1;
  const path = join(folder, `${files}.csv`);
  writeFileSync(path, content);
  return path;
}

const stored = async (tenant: string): Promise<Json[]> =>
  (await t.read<{ items: Json[] }>('executions?sort_order=asc', tenant)).items;

describeReal('cases/csv', 'CSV from the field', (cases) => {
  const RIGHT = {
    started_at: '2026-11-20T10:00:00.000Z',
    status: 'success',
    model_name: 'gpt-4o',
    provider: 'openai',
    input_tokens: 100,
    output_tokens: 10,
    user_id: 'u1',
    agent_id: 'a',
    query_preview: 'hi',
  };

  it.each([
    ['b-semicolon.csv', [], {}],
    ['d-decimal-comma-quoted.csv', [], { cost_usd: 0.0125, cost_source: 'reported' }],
    ['f-epoch-ms.csv', [], {}],
    ['k-cr-only.csv', [], {}],
    ['l-utf16.csv', [], {}],
    ['m-latin1.csv', ['--encoding', 'windows-1252'], { user_id: 'müller', query_preview: 'grün' }],
    ['v-excel-sep.csv', [], {}],
    ['x-tab.tsv', [], {}],
  ])('%s is read with %j', async (name, args, differs) => {
    const tenant = t.tenant();
    const { stdout, exitCode } = await run(`${cases}/${name}`, tenant, ...args);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^1 row: 1 accepted/)]);
    expect(await stored(tenant)).toEqual([expect.objectContaining({ ...RIGHT, ...differs })]);
  });

  it('in another encoding is refused with the option that helps', async () => {
    const { stderr, exitCode } = await run(`${cases}/m-latin1.csv`, t.tenant());
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/line 2: is not UTF-8; .*--encoding, such as windows-1252/),
    ]);
  });

  it('with other words for a status is read as it is told to', async () => {
    const tenant = t.tenant();
    const path = `${cases}/q-status-words.csv`;
    const first = await run(path, tenant);
    expect([first.exitCode, first.stdout]).toEqual([
      3,
      expect.stringMatching(/^7 rows: 2 accepted, 0 duplicates, 5 rejected/),
    ]);
    expect(first.stderr).toContain('line 4: field status must be one of running, success');
    expect(first.stderr).toContain('; say what "ok" means with --map, such as "status=ok:success"');
    const words = ['ok:success', '200:success', 'completed:success', 'error:failure', 'failed:failure'];
    const map = ['--map', ...words.map((word) => `status=${word}`)];
    expect((await run(path, tenant, ...map)).exitCode).toBe(0);
    const statuses = (await stored(tenant)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([
      ...Array<string>(2).fill('failure'),
      ...Array<string>(5).fill('success'),
    ]);
  });

  it('with local dates is refused, or read as it is told to', async () => {
    const tenant = t.tenant();
    const path = `${cases}/r-us-date.csv`;
    const first = await run(path, tenant);
    expect(first.exitCode).toBe(1);
    expect(first.stderr).toMatch(
      /; say how dates such as "11\/20\/2026 10:00:00 AM" are written with --date-format, such as MM\/DD\/YYYY/,
    );
    expect((await run(path, tenant, '--date-format', 'MM/DD/YYYY', 'DD.MM.YYYY')).exitCode).toBe(0);
    expect((await stored(tenant)).map(({ started_at }) => started_at)).toEqual(
      Array(2).fill(RIGHT.started_at),
    );
  });
});

const HEADER = 'started_at,status,user_id';

describe('the delimiter', () => {
  it.each([
    ['told by the header', 'started_at|status|user_id\n2026-01-02|success|u', []],
    ['told by sep=', 'sep=^\nstarted_at^status^user_id\n2026-01-02^success^u', []],
    ['an option', 'started_at~status~user_id\n2026-01-02~success~u', ['--delimiter', '~']],
    ['a tab', 'started_at\tstatus\tuser_id\n2026-01-02\tsuccess\tu', ['--delimiter', 'tab']],
    ['within quotes', 'started_at;status;user_id;query_preview\n2026-01-02;success;u;"a;b"', []],
  ])('is %s', async (_, text, args) => {
    const tenant = t.tenant();
    expect(await run(file(text), tenant, ...args)).toMatchObject({ exitCode: 0 });
    expect(await stored(tenant)).toMatchObject([{ status: 'success', user_id: 'u' }]);
  });

  it('is named where it is the trouble', async () => {
    const { stderr, exitCode } = await run(file('started_at~status\n2026-01-02~success'), t.tenant());
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining('the header is one column, so --delimiter may be wrong: started_at~status'),
    ]);
  });
});

describe('the encoding', () => {
  const rows = `${HEADER}\n2026-01-02,success,größe\n`;

  it.each([
    ['UTF-8', Buffer.from(rows), []],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${rows}`), ['--encoding', 'windows-1252']],
    ['UTF-16', Buffer.from(`\ufeff${rows}`, 'utf16le'), []],
    ['UTF-16 the other way round', Buffer.from(`\ufeff${rows}`, 'utf16le').swap16(), []],
    ['UTF-16 without a mark', Buffer.from(rows, 'utf16le'), ['--encoding', 'utf-16le']],
    ['windows-1252', Buffer.from(rows, 'latin1'), ['--encoding', 'windows-1252']],
  ])('is %s', async (_, bytes, args) => {
    const tenant = t.tenant();
    expect(await run(file(bytes), tenant, ...args)).toMatchObject({ exitCode: 0 });
    expect(await stored(tenant)).toMatchObject([{ user_id: 'größe' }]);
  });

  it('loses no letter where it is said to be UTF-8 and is not', async () => {
    const tenant = t.tenant();
    const { stderr, exitCode } = await run(file(Buffer.from(rows, 'latin1')), tenant, '--encoding', 'utf-8');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('line 2: is not UTF-8')]);
    expect(await stored(tenant)).toEqual([]);
  });

  it.each([
    ['UTF-16 without a mark', Buffer.from(rows, 'utf16le'), [], 'try --encoding utf-16le or utf-16be'],
    [
      'UTF-8 that is told to be another',
      Buffer.from(rows),
      ['--encoding', 'windows-1252'],
      'leave --encoding out',
    ],
    ['an unknown name', Buffer.from(rows), ['--encoding', 'utf-9'], '"utf-9" is no known encoding'],
    [
      'a header in another encoding',
      Buffer.from(`${HEADER},größe\n2026-01-02,success,u,1\n`, 'latin1'),
      [],
      'the header is not UTF-8; say what it is with --encoding',
    ],
  ])('is refused if it is %s', async (_, bytes, args, message) => {
    const { stdout, stderr, exitCode } = await run(file(bytes), t.tenant(), ...args);
    expect([stdout, exitCode, stderr]).toEqual(['', 1, expect.stringContaining(message)]);
  });
});

it.each([
  ['is empty', ''],
  ['has only a header', `${HEADER}\n`],
])('a file that %s is an error', async (_, text) => {
  expect(await run(file(text), t.tenant())).toMatchObject({ exitCode: 1, stdout: '' });
});

describe('a value', () => {
  const one = async (header: string, cell: string, ...args: string[]): Promise<Json | string> => {
    const tenant = t.tenant();
    const text = `started_at;status;${header}\n2026-01-02;success;${cell}\n`;
    const { stderr, exitCode } = await run(file(text), tenant, '--delimiter', ';', ...args);
    return exitCode === 0 ? (await stored(tenant))[0]! : stderr;
  };

  it.each([
    ['0.0125', [], 0.0125],
    ['0,0125', [], 0.0125],
    ['0,125', [], 0.125],
    ['12,5', [], 12.5],
    ['1.234,5', [], 1234.5],
    ['1,234.5', [], 1234.5],
    ['1 234,5', [], 1234.5],
    ['1,234,567', [], 1234567],
    ['1.5e-3', [], 0.0015],
    ['1,234', ['--decimal', ','], 1.234],
    ['1,234', ['--decimal', '.'], 1234],
    ['1.234', ['--decimal', ','], 1234],
  ])('of a number may be %s with %j', async (cell, args, value) => {
    expect(await one('cost_usd', cell, ...args)).toMatchObject({ cost_usd: value });
  });

  it.each([
    ['1,234', [], 'cost_usd "1,234" can mean 1234 or 1.234; say which with --decimal'],
    ['1.234', [], 'cost_usd "1.234" can mean 1.234 or 1234; say which with --decimal'],
    ['12,5', ['--decimal', '.'], 'cost_usd must be a number, not "12,5", with "." as the decimal separator'],
    ['$5', [], 'cost_usd must be a number, not "$5"'],
  ])('of a number is refused: %s with %j', async (cell, args, message) => {
    expect(await one('cost_usd', cell, ...args)).toContain(message);
  });

  it.each([
    ['a decimal point elsewhere', 'cost_usd;llm_time_ms', '1.234;0.5', 1.234],
    ['a decimal comma elsewhere', 'cost_usd,llm_time_ms', '1.234,"0,5"', undefined],
    ['thousands elsewhere', 'cost_usd,llm_time_ms', '1.234,"1.234.567"', undefined],
    ['commas between cells', 'cost_usd,llm_time_ms', '1.234,5', 1.234],
  ])('of 1.234 is read by the other numbers of the file: %s', async (_, columns, cells, value) => {
    const tenant = t.tenant();
    const separator = columns.includes(';') ? ';' : ',';
    const row = ['2026-01-02', 'success', cells].join(separator);
    const text = `${['started_at', 'status', columns].join(separator)}\n${row}\n`;
    const { stderr } = await run(file(text), tenant);
    if (value === undefined) expect(stderr).toContain('cost_usd "1.234" can mean 1.234 or 1234');
    expect((await stored(tenant)).map(({ cost_usd }) => cost_usd)).toEqual(
      value === undefined ? [] : [value],
    );
  });

  it('of 1.234 is not left standing where a decimal comma follows far behind, and can be put right', async () => {
    const tenant = t.tenant();
    const rows = Array.from(
      { length: 12_000 },
      (_, i) => `2026-01-02,success,${i === 0 ? '1.234' : ''},run-${i}`,
    );
    const text = `started_at,status,cost_usd,flow_id\n${rows.join('\n')}\n2026-01-02,success,"0,5",last\n`;
    const { exitCode, stderr } = await run(file(text), tenant);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'line 12002: "0,5" has a decimal comma, but "1.234" was read with a decimal point',
    );
    const again = await run(file(text), tenant, '--decimal', ',');
    expect([again.exitCode, again.stderr]).toEqual([0, '']);
    const { rows: costs } = await t.pool.query(
      'SELECT cost_usd::float8 AS cost FROM executions WHERE tenant_id = $1 AND cost_usd IS NOT NULL ORDER BY 1',
      [tenant],
    );
    expect(costs).toEqual([{ cost: 0.5 }, { cost: 1234 }]);
  });

  it('of a whole number is refused where it would have decimals', async () => {
    const text = `started_at,status,input_tokens\n2026-01-02,success,1.234\n`;
    const { stderr } = await run(file(text), t.tenant());
    expect(stderr).toContain('input_tokens "1.234" can mean 1.234 or 1234; say which with --decimal');
  });

  it('can stand for another one', async () => {
    const args = ['--map', String.raw`model_name=gpt\:free:gpt-4o`, 'model_name=x:y:z'];
    expect(await one('model_name', 'GPT:free', ...args)).toMatchObject({ model_name: 'gpt-4o' });
    expect(await one('model_name', 'x', ...args)).toMatchObject({ model_name: 'y:z' });
  });
});

describe('a time', () => {
  const at = async (cell: string, ...formats: string[]): Promise<unknown> => {
    const tenant = t.tenant();
    const text = `status;started_at\nsuccess;${cell}\n`;
    const args = formats.length === 0 ? [] : ['--date-format', ...formats];
    const { stderr, exitCode } = await run(file(text), tenant, ...args);
    return exitCode === 0 ? (await stored(tenant))[0]!.started_at : stderr;
  };

  it.each([
    ['1767323045', [], '2026-01-02T03:04:05.000Z'],
    ['1767323045.25', [], '2026-01-02T03:04:05.250Z'],
    ['1767323045250', [], '2026-01-02T03:04:05.250Z'],
    ['1767323045250000', [], '2026-01-02T03:04:05.250Z'],
    ['1/2/2026', ['MM/DD/YYYY'], '2026-01-02T00:00:00.000Z'],
    ['1/2/2026', ['DD/MM/YYYY'], '2026-02-01T00:00:00.000Z'],
    ['01/02/2026 12:04 AM', ['M/D/YYYY hh:mm A'], '2026-01-02T00:04:00.000Z'],
    ['01/02/2026, 12:04:05 p.m.', ['MM/DD/YYYY'], '2026-01-02T12:04:05.000Z'],
    ['02.01.2026 03:04', ['DD.MM.YYYY HH:mm'], '2026-01-02T03:04:00.000Z'],
    ['2026/01/02 03:04:05 +01:00', ['YYYY/MM/DD'], '2026-01-02T02:04:05.000Z'],
  ])('may be %s with %j', async (cell, formats, time) => {
    expect(await at(cell, ...formats)).toBe(time);
  });

  it.each([
    ['20260102', [], 'say how dates such as "20260102" are written with --date-format'],
    ['01/02/2026', ['DD.MM.YYYY'], '; "01/02/2026" is not DD.MM.YYYY'],
    ['13/13/2026', ['DD/MM/YYYY'], 'is not DD/MM/YYYY'],
    ['01/02/2026', ['day'], '"day" is no form of a date'],
  ])('is refused: %s with %j', async (cell, formats, message) => {
    expect(await at(cell, ...formats)).toContain(message);
  });
});

describe('before anything is written', () => {
  const text = `${HEADER},colour,shape\n2026-01-02,success,u1,red,round\n2026-01-02,won,u2,red,round\n`;

  it('columns that nothing uses are named', async () => {
    const { stderr } = await run(file(text), t.tenant());
    expect(stderr).toMatch(/^Not used: 2 columns, colour, shape\. Read a field from one with --column/);
  });

  it('--dry-run shows what would be made of the first rows, and writes nothing', async () => {
    const tenant = t.tenant();
    const { stdout, stderr, exitCode } = await run(file(text), tenant, '--dry-run', '--set', 'model_name=m');
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(
      /^line 2: \{"user_id":"u1","status":"success","started_at":"2026-01-02T00:00:00Z","model_name":"m",/,
    );
    expect(stdout).toMatch(
      /\nThe first 2 rows: 1 accepted, 0 duplicates, 1 rejected, 0 broken; nothing was written\.\n$/,
    );
    expect(stderr).toContain('line 3: field status must be one of');
    expect(await stored(tenant)).toEqual([]);
    const { rows } = await t.pool.query('SELECT FROM tenants WHERE id = $1', [tenant]);
    expect(rows).toEqual([]);
  });

  it('--dry-run stops after the first rows', async () => {
    const many = `${HEADER}\n${'2026-01-02,success,u\n'.repeat(20_000)}`;
    const { stdout } = await run(file(many), t.tenant(), '--dry-run');
    expect(stdout).toContain('The first 5 rows: 5 accepted');
  });
});

describe('the same rows, imported again', () => {
  const text = `${HEADER},tokens\n2026-01-02,success,u1,7\n2026-01-02,success,u1,7\n2026-01-03,success,u2,8\n`;
  const figures = async (tenant: string): Promise<unknown[]> =>
    (await stored(tenant)).map(({ model_name, input_tokens, user_id }) => [
      user_id,
      model_name,
      input_tokens,
    ]);

  it('with another mapping replace what they were', async () => {
    const tenant = t.tenant();
    const first = await run(file(text), tenant, '--set', 'model_name=gpt-4');
    expect(first.stdout).toMatch(/^3 rows: 3 accepted/);
    const right = ['--set', 'model_name=gpt-4o', '--column', 'input_tokens=tokens'];
    expect((await run(file(text), tenant, ...right)).stdout).toMatch(/^3 rows: 3 accepted, 0 duplicates/);
    expect(await figures(tenant)).toEqual([
      ['u1', 'gpt-4o', 7],
      ['u1', 'gpt-4o', 7],
      ['u2', 'gpt-4o', 8],
    ]);
    expect((await run(file(text), tenant, ...right)).stdout).toMatch(/^3 rows: 0 accepted, 3 duplicates/);
  });

  /** As earlier releases stored them: the id is of the cells and the values of --set. */
  async function importedEarlier(tenant: string, constants: Record<string, string>): Promise<void> {
    const cells = text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    const executions = cells.map(([date, status, user_id, tokens], i) => ({
      id: derivedId(JSON.stringify([cells[i], constants]), i === 1 ? 1 : 0),
      started_at: `${date}T00:00:00Z`,
      status,
      user_id,
      input_tokens: Number(tokens),
      ...constants,
    }));
    const answer = await t.post('/api/v1/executions', { executions }, tenant);
    expect(answer.json()).toMatchObject({ accepted: 3 });
  }

  it('have the ids that earlier releases recorded', () => {
    const content = JSON.stringify([['2026-01-02', 'success', 'u1', '7'], { model_name: 'gpt-4' }]);
    expect(derivedId(content)).toBe('48b3e30f-6388-8389-83f9-b74ba05bfef7');
    expect(derivedId(content, 1)).toBe('262d846b-7d89-8af1-837a-8c43fa9ba987');
  });

  it.each([
    ['the same values', { model_name: 'gpt-4' }, ['model_name=gpt-4']],
    ['another value', { model_name: 'gpt-4' }, ['model_name=gpt-4o']],
    ['a value more', { model_name: 'gpt-4' }, ['model_name=gpt-4o', 'provider=openai']],
    ['a value less', { model_name: 'gpt-4', provider: 'openai' }, ['model_name=gpt-4o']],
    ['another order', { provider: 'azure', model_name: 'gpt-4' }, ['model_name=gpt-4o', 'provider=openai']],
    ['values for the first time', {}, ['model_name=gpt-4o']],
  ])('replace what an earlier release made of them, with %s', async (_, earlier, set) => {
    const tenant = t.tenant();
    await importedEarlier(tenant, earlier);
    const args = ['--set', ...set, '--column', 'input_tokens=tokens'];
    expect((await run(file(text), tenant, ...args)).exitCode).toBe(0);
    const model = set[0]!.slice('model_name='.length);
    expect(await figures(tenant)).toEqual([
      ['u1', model, 7],
      ['u1', model, 7],
      ['u2', model, 8],
    ]);
    expect((await run(file(text), tenant, ...args)).stdout).toMatch(/^3 rows: 0 accepted, 3 duplicates/);
  });

  it('keep the executions that they have called', async () => {
    const tenant = t.tenant();
    await importedEarlier(tenant, { model_name: 'gpt-4' });
    const parent = (await stored(tenant)).find(({ user_id }) => user_id === 'u2')!.id;
    const child = {
      id: '0198aaaa-0000-7000-8000-000000000001',
      started_at: '2026-01-03T00:00:01Z',
      status: 'success',
      user_id: 'child',
      parent_execution_id: parent,
    };
    await t.post('/api/v1/executions', { executions: [child] }, tenant);
    await run(file(text), tenant, '--set', 'model_name=gpt-4o');
    const renamed = (await stored(tenant)).find(({ user_id }) => user_id === 'u2')!.id;
    expect(renamed).not.toBe(parent);
    const { items } = await t.read<{ items: Json[] }>('executions?level=nested', tenant);
    expect(items).toMatchObject([{ user_id: 'child', parent_execution_id: renamed }]);
  });

  it('are recognised in linear time where all are of one day', async () => {
    const tenant = t.tenant();
    const rows = Array.from({ length: 4_000 }, (_, i) => ['2026-01-02', 'success', `u${i}`]);
    const constants = { model_name: 'gpt-4' };
    const sending = performance.now();
    for (let from = 0; from < rows.length; from += 1_000) {
      const executions = rows.slice(from, from + 1_000).map((cells) => ({
        id: derivedId(JSON.stringify([cells, constants])),
        started_at: `${cells[0]}T00:00:00Z`,
        status: cells[1],
        user_id: cells[2],
        ...constants,
      }));
      await t.post('/api/v1/executions', { executions }, tenant);
    }
    const csv = `${HEADER}\n${rows.map((cells) => cells.join(',')).join('\n')}\n`;
    const began = performance.now();
    const sent = began - sending;
    await run(file(csv), tenant, '--set', 'model_name=gpt-4o', 'provider=openai');
    expect(performance.now() - began).toBeLessThan(30_000 + 10 * sent);
    const { rows: models } = await t.pool.query(
      'SELECT model_name, count(*) FROM executions WHERE tenant_id = $1 GROUP BY 1',
      [tenant],
    );
    expect(models).toEqual([{ model_name: 'gpt-4o', count: 4_000 }]);
  });
});
