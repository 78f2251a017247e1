/** Parquet, read back with another library: the same rows as NDJSON has, in portable types. */
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { gunzipSync } from 'node:zlib';
import { columnsOf } from '../../src/facts/portable.js';
import { ParquetFile } from '../../src/exports/parquet-file.js';
import { DATASET_NAMES } from '../../src/query/datasets/index.js';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { execution, step, usage } from '../support/executions.js';
import { download, exported } from './support.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  const executions = [
    execution(1, '2026-03-18T09:00:00.123Z', {
      ...{ agent_id: 'a', session_id: 's', user_id: 'u', tags: ['x', 'ÿ;"'], query_preview: 'ümläut 🎉' },
      steps: [step(1, 'tool_call', { tool_name: 'search', cost_usd: 0.000000000001 })],
      token_usages: [usage('gpt-4o', 1000, 100)],
    }),
    execution(2, '2026-03-17T09:00:00Z', { cost_usd: 123_456.12345678 }),
    execution(3, '2026-03-17T09:00:00Z', { model_name: 'nobody-knows', input_tokens: 5 }),
  ];
  expect((await t.post('/api/v1/executions', { executions }, 'acme')).json<Json>().accepted).toBe(3);
  await t.sendAndRollup('acme', [call('2026-03-18T08:00:00Z', { agentId: 'a', count: 3 })]);
}, 600_000);
afterAll(() => t.close());

const bufferOf = (bytes: Buffer | Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
const read = (file: ArrayBuffer): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({ file, compressors: { GZIP: (bytes) => gunzipSync(bytes) } });

/** A cell as JSON has it. */
function jsonOf(cell: unknown): unknown {
  if (typeof cell === 'bigint') return Number(cell);
  // The library reads a decimal as a float, which the last digits do not survive.
  if (typeof cell === 'number') return Number(cell.toPrecision(14));
  return cell instanceof Date ? cell.toISOString() : cell;
}

const WHOLE_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** A value of JSON as Parquet has it: lists are text, and times have milliseconds. */
function textOf(value: unknown): unknown {
  if (typeof value === 'string' && WHOLE_SECONDS.test(value)) return new Date(value).toISOString();
  return Array.isArray(value) ? JSON.stringify(value) : value;
}

it.each(DATASET_NAMES)('of %s has the rows of NDJSON', async (dataset) => {
  const lines = (await t.get(`export?dataset=${dataset}&format=ndjson`, 'acme')).body.trim().split('\n');
  const expected = lines.map((line) => JSON.parse(line) as Json);
  const response = await t.get(`export?dataset=${dataset}&format=parquet`, 'acme');
  expect(response.headers['content-type']).toBe('application/vnd.apache.parquet');
  const rows = await read(bufferOf(response.rawPayload));
  expect(rows.length).toBeGreaterThan(0);
  const shown = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, cell]) => {
        const wanted = expected[0]![name];
        const isDate = typeof wanted === 'string' && /^\d{4}-\d\d-\d\d$/.test(wanted);
        const value = jsonOf(cell);
        return [name, isDate ? String(value).slice(0, 10) : value];
      }),
    ),
  );
  const lists = expected.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, textOf(cell)])),
  );
  expect(shown).toEqual(lists);
  expect(await download(t, await exported(t, 'acme', { datasets: [dataset], format: 'parquet' }))).toEqual(
    response.rawPayload,
  );
});

it('has ids as text, times as UTC microseconds, money as decimals, and no lists', async () => {
  const { rawPayload } = await t.get('export?format=parquet', 'acme');
  const { schema, created_by } = parquetMetadata(bufferOf(rawPayload));
  const element = (name: string) => schema.find((one) => one.name === name);
  expect(created_by).toBe('agentidp-analytics');
  expect(element('id')).toMatchObject({ type: 'BYTE_ARRAY', converted_type: 'UTF8' });
  expect(element('started_at')).toMatchObject({
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  });
  expect(element('cost_usd')).toMatchObject({ converted_type: 'DECIMAL', precision: 38, scale: 12 });
  expect(element('tags')).toMatchObject({ type: 'BYTE_ARRAY', converted_type: 'UTF8' });
  expect(element('input_tokens')).toMatchObject({ type: 'INT64' });
  expect(schema.filter(({ num_children }) => num_children !== undefined)).toHaveLength(1);
});

it('of no rows has the columns', async () => {
  const { rawPayload } = await t.get('export?format=parquet', t.tenant());
  expect(await read(bufferOf(rawPayload))).toEqual([]);
  expect(parquetMetadata(bufferOf(rawPayload)).schema.map(({ name }) => name)).toContain('started_at');
});

it('is written in groups, of which large rows have fewer', async () => {
  const file = new ParquetFile(columnsOf('text', 'long'));
  const rows = Array.from({ length: 50 }, (_, i) => ({ long: `${i} `.padEnd(1_000_000, 'x') }));
  const chunks = rows.map((row) => file.add([row]));
  const bytes = bufferOf(Buffer.concat([...chunks, file.end()]));
  expect(parquetMetadata(bytes).row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([17, 17, 16]);
  expect((await read(bytes)).map(({ long }) => parseInt(String(long), 10))).toEqual(rows.map((_, i) => i));
});
