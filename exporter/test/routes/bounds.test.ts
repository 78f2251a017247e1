/** Every answer that may be long has a bound, which `docs/reliability.md` names. */
import { readFile } from 'node:fs/promises';
import { MAX_PRICES } from '../../src/costs/own-prices.js';
import { PAGE_BYTES } from '../../src/db/page-bytes.js';
import { ADMIN, ask } from '../alerts/alerts-app.js';
import { PREFIX, refusalOf, testApp, type TestApp } from '../support/app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

interface Answer {
  type?: string | string[];
  properties?: Record<string, Answer>;
  items?: Answer;
  anyOf?: Answer[];
  additionalProperties?: Answer | boolean;
}

/** Whether an answer of the schema may have any length: it has a list, an object of any names, or is no JSON. */
function mayBeLong({ type, properties = {}, anyOf = [], additionalProperties }: Answer): boolean {
  if ([type].flat().includes('array')) return true;
  if (additionalProperties !== undefined && additionalProperties !== false) return true;
  return [...Object.values(properties), ...anyOf].some(mayBeLong);
}

interface Document {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: Answer }> }> }>
  >;
}

/** Ingest answers name what was refused of a request, which is bounded itself. */
const OF_A_REQUEST = /^POST \/(v1|api\/v1\/(events|executions))/;

it('every route whose answer may be long stands with its bound in docs/reliability.md', async () => {
  const { paths } = (await t.get('/openapi.json', { token: null })).json<Document>();
  const long = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) => {
      const contents = ['200', '201', '202'].flatMap((status) =>
        Object.entries(responses[status]?.content ?? {}),
      );
      const isLong = contents.some(([type, { schema }]) => type !== 'application/json' || mayBeLong(schema));
      const route = `${method.toUpperCase()} ${path.replace(PREFIX, '')}`;
      return isLong && !OF_A_REQUEST.test(route) ? [route] : [];
    }),
  );
  expect(long.length).toBeGreaterThan(50);
  const page = await readFile(new URL('../../../docs/reliability.md', import.meta.url), 'utf8');
  const named = new Map(
    [...page.matchAll(/^\| `((?:GET|POST|PUT|PATCH) [^`]+)` \| (.+) \|$/gm)].map(([, route, bound]) => [
      route!,
      bound!,
    ]),
  );
  expect(long.filter((route) => !named.has(route))).toEqual([]);
  const known = new Set(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(PREFIX, '')}`),
    ),
  );
  expect([...named.keys()].filter((route) => !known.has(route))).toEqual([]);
});

/** Pages of a list, in the order of the list, and the bytes of the largest page. */
async function pages(
  path: string,
  list: string,
): Promise<{ sizes: number[]; ids: string[]; largest: number }> {
  const result = { sizes: [] as number[], ids: [] as string[], largest: 0 };
  for (let cursor: string | null = ''; cursor !== null;) {
    const response = await t.get(`${path}${cursor && `&cursor=${cursor}`}`, {
      tenant: 'large',
      scopes: ADMIN,
    });
    expect(response.statusCode).toBe(200);
    const { [list]: rows, ...rest } = response.json<Record<string, { id: string }[]>>();
    result.sizes.push(rows!.length);
    result.ids.push(...rows!.map(({ id }) => id));
    result.largest = Math.max(result.largest, Buffer.byteLength(response.body));
    cursor = (rest as unknown as { next_cursor: string | null }).next_cursor;
  }
  return result;
}

/** Settings of 100 kB each, as the database has them. */
const LONG = `jsonb_build_object('name', repeat('x', 100000))`;

describe('a list with long texts', () => {
  beforeAll(async () => {
    await t.pool.query(`
      INSERT INTO tenants (id, tier) VALUES ('large', 'pro');
      INSERT INTO audit_log (tenant_id, id, subject, via, action, resource, resource_id, before, after)
        SELECT 'large', gen_random_uuid(), 's', 'api', 'change', 'alert', n::text, ${LONG}, ${LONG}
        FROM generate_series(1, 200) AS n;
      INSERT INTO alert_rules (tenant_id, id, name, condition, for_text, repeat_text, severity, channels, is_active)
        SELECT 'large', gen_random_uuid(), n::text,
          '{"metric":"api_calls","operator":"no_data","window":"5m","threshold":null}'::jsonb || jsonb_build_object('filters',
            jsonb_build_array(jsonb_build_object('dimension', 'agent', 'operator', 'in', 'values', to_jsonb(array_fill(repeat('x', 2000), ARRAY[50]))))),
          '0m', '4h', 'warning', '{}', false
        FROM generate_series(1, 200) AS n`);
  });

  it.each([
    ['audit?limit=1000', 'entries'],
    ['alerts?limit=1000', 'alerts'],
  ])('GET /%s is read some bytes at a time, each row once', async (path, list) => {
    const { sizes, ids, largest } = await pages(path, list);
    expect(sizes.length).toBeGreaterThan(2);
    expect(largest).toBeLessThan(1.1 * PAGE_BYTES);
    expect([ids.length, new Set(ids).size]).toEqual([200, 200]);
  });

  it('a limit below the bytes has the next page begin behind it', async () => {
    const { sizes, ids } = await pages('audit?limit=30', 'entries');
    expect(sizes).toEqual([30, 30, 30, 30, 30, 30, 20]);
    expect(new Set(ids).size).toBe(200);
  });
});

interface RotationsPage {
  agents: { agentId: string }[];
  nextCursor?: string;
}

it('days of rotations are read some bytes at a time, each agent once', async () => {
  await t.pool.query(`
    INSERT INTO tenants (id, tier) VALUES ('rotating', 'pro');
    INSERT INTO agents (tenant_id, id, first_seen_at, last_seen_at)
      SELECT 'rotating', 'a' || lpad(n::text, 5, '0'), now(), now() FROM generate_series(1, 2000) AS n;
    INSERT INTO analytics_daily_aggregates (tenant_id, date, agent_id, metric_type, count, first_at, last_at)
      SELECT 'rotating', day::date, 'a' || lpad(n::text, 5, '0'), 'credential_rotations', 1, day, day
      FROM generate_series(1, 2000) AS n, generate_series(timestamptz '2025-09-01', '2026-03-17', '1 day') AS day`);
  await t.pool.query('ANALYZE agents');
  await t.pool.query('ANALYZE analytics_daily_aggregates');
  const found: string[] = [];
  let requests = 0;
  for (let cursor: string | undefined = ''; cursor !== undefined; requests += 1) {
    const path: string = `credential-rotations?from=2025-09-01&to=2026-03-17${cursor && `&cursor=${cursor}`}`;
    const page: RotationsPage = await t.read<RotationsPage>(path, 'rotating');
    found.push(...page.agents.map(({ agentId }) => agentId));
    cursor = page.nextCursor;
  }
  expect(requests).toBeGreaterThan(1);
  expect([found.length, new Set(found).size]).toEqual([2_000, 2_000]);
});

describe('what a tenant can store has a bound', () => {
  it('an alert whose condition is too long is refused, with what would fit', async () => {
    const filters = [
      { dimension: 'agent', operator: 'in', values: Array(40).fill('x'.repeat(2_000)) as string[] },
    ];
    const condition = { metric: 'api_calls', operator: 'greater_than', threshold: 1, window: '5m', filters };
    const response = await ask(t, 'storing', 'POST', '', { name: 'Long', condition });
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect(response.json()).toMatchObject({ message: expect.stringContaining('may have 65536') });
  });

  it.each([
    ['alerts', 'alert_rules', { condition: { metric: 'api_calls', operator: 'no_data', window: '5m' } }],
    ['budgets', 'budgets', { threshold_usd: 1 }],
  ])('%s that are created at once are no more than one after the other', async (path, table, settings) => {
    const tenant = `storing-${path}`;
    const headers = await t.headers({ tenant, scopes: ADMIN });
    const create = async (): Promise<number> => {
      const payload = { name: 'One of many', ...settings };
      const url = `${PREFIX}/${path}`;
      return (await t.app.inject({ method: 'POST', url, headers, payload })).statusCode;
    };
    expect(await create()).toBe(201);
    // Copies of the first one, up to three below the limit.
    const { rows } = await t.pool.query<{ names: string }>(
      `SELECT string_agg(quote_ident(attname), ', ') AS names FROM pg_attribute
       WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> 'id'`,
      [table],
    );
    await t.pool.query(
      `INSERT INTO ${table} (id, ${rows[0]!.names}) SELECT gen_random_uuid(), ${rows[0]!.names}
       FROM ${table}, generate_series(1, 996) WHERE tenant_id = $1`,
      [tenant],
    );
    const statuses = await Promise.all(Array.from({ length: 20 }, create));
    expect([201, 409].map((status) => statuses.filter((one) => one === status).length)).toEqual([3, 17]);
  });

  it('one price too many is refused, and those that are there can be changed', async () => {
    await t.pool.query(`
      INSERT INTO tenants (id, tier) VALUES ('priced', 'pro');
      INSERT INTO tool_prices (tenant_id, id, tool_name, effective_from, usd_per_call)
      SELECT 'priced', gen_random_uuid(), 'tool-' || n, '2026-01-01', 1 FROM generate_series(1, ${MAX_PRICES}) AS n`);
    const put = async (price: object): Promise<[number, unknown]> => {
      const headers = await t.headers({ tenant: 'priced', scopes: ADMIN });
      return refusalOf(
        await t.app.inject({ method: 'PUT', url: `${PREFIX}/prices`, headers, payload: price }),
      );
    };
    const tool = (name: string): object => ({
      tool_name: name,
      effective_from: '2026-01-01',
      usd_per_call: 2,
    });
    const rates = { input_usd_per_mtok: 1, output_usd_per_mtok: 2 };
    expect(await put(tool('another'))).toEqual([409, 'CONFLICT']);
    expect(await put({ provider: 'p', model_name: 'm', effective_from: '2026-01-01', ...rates })).toEqual([
      409,
      'CONFLICT',
    ]);
    expect(await put(tool('tool-1'))).toEqual([200, undefined]);
  });
});
