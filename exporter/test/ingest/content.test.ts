/** How much content is kept, and what is replaced in it, whichever way it comes in. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Pool } from 'pg';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { EXECUTION, wireSpan } from '../support/otlp.js';
import { Content } from '../../src/ingest/content.js';
import { runCli } from '../cli/run-cli.js';

const SECRET = 'sk-live-4242abcd';
const ID = '0198a000-0000-7000-8000-000000000001';

/** Tables and columns in which a text stands. */
async function placesOf(pool: Pool, text: string): Promise<string[]> {
  const { rows } = await pool.query<{ tab: string; col: string }>(
    `SELECT c.table_name AS tab, c.column_name AS col FROM information_schema.columns c
     JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
       AND data_type IN ('text', 'jsonb', 'json', 'ARRAY', 'character varying', 'bytea')`,
  );
  const found: string[] = [];
  for (const { tab, col } of rows) {
    const { rows: hits } = await pool.query(
      `SELECT 1 FROM "${tab}" WHERE position($1 IN "${col}"::text) > 0
         OR position($2 IN "${col}"::text) > 0 LIMIT 1`,
      [text, Buffer.from(text).toString('hex')],
    );
    if (hits.length > 0) found.push(`${tab}.${col}`);
  }
  return found;
}

const execution = (more: object = {}): object => ({
  id: ID,
  status: 'failure',
  started_at: '2026-03-18T11:00:00Z',
  query_preview: `My key is ${SECRET}, is it safe?`,
  error_type: 'ValueError',
  error_message: `no such key: ${SECRET}`,
  tags: ['production', `key:${SECRET}`],
  steps: [{ step_number: 1, step_type: 'tool_call', content: `{"key":"${SECRET}"}` }],
  ...more,
});
const spans = (): object => ({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            wireSpan({
              id: 'a',
              name: `ask ${SECRET}`,
              from: 0,
              to: 9,
              attributes: {
                'gen_ai.operation.name': 'invoke_agent',
                'gen_ai.agent.name': 'helper',
                'input.value': `My key is ${SECRET}, is it safe?`,
                'gen_ai.output.messages': SECRET,
              },
              error: `no such key: ${SECRET}`,
            }),
            wireSpan({
              id: 't',
              parent: 'a',
              from: 1,
              to: 2,
              attributes: {
                'gen_ai.operation.name': 'execute_tool',
                'gen_ai.tool.name': 'vault',
                'gen_ai.tool.call.arguments': `{"key":"${SECRET}"}`,
                'gen_ai.tool.call.result': SECRET,
              },
            }),
          ],
        },
      ],
    },
  ],
});

interface Detail extends Json {
  steps: Json[];
}
const read = (t: TestApp, tenant: string, id = ID): Promise<Detail> => t.read(`executions/${id}`, tenant);

describe('redaction', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await testApp({ env: { REDACT: 'sk-live-[a-z0-9]{4,},\\bhunter\\d+' } });
  });
  afterAll(() => t.close());

  it('applies to executions', async () => {
    const tenant = t.tenant();
    await t.post('/api/v1/executions', { executions: [execution()] }, tenant);
    expect(await read(t, tenant)).toMatchObject({
      query_preview: 'My key is [redacted], is it safe?',
      error_message: 'no such key: [redacted]',
      tags: ['production', 'key:[redacted]'],
      steps: [{ content: '{"key":"[redacted]"}' }],
    });
    expect(await placesOf(t.pool, SECRET)).toEqual([]);
  });

  it('applies to steps that are appended', async () => {
    const tenant = t.tenant();
    await t.post('/api/v1/executions', { executions: [execution({ steps: [] })] }, tenant);
    const step = { step_number: 2, step_type: 'observation', content: `It is ${SECRET}` };
    await t.post(`/api/v1/executions/${ID}/steps`, { steps: [step] }, tenant);
    expect((await read(t, tenant)).steps).toMatchObject([{ content: 'It is [redacted]' }]);
    expect(await placesOf(t.pool, SECRET)).toEqual([]);
  });

  it('applies to spans, and to what is kept of them', async () => {
    const tenant = t.tenant();
    await t.post('/v1/traces', spans(), tenant);
    expect(await read(t, tenant, EXECUTION)).toMatchObject({
      query_preview: 'My key is [redacted], is it safe?',
      error_message: 'no such key: [redacted]',
      steps: [{ content: '{"key":"[redacted]"}\n→ [redacted]' }],
    });
    expect(await placesOf(t.pool, SECRET)).toEqual([]);
  });

  it('precedes the cut of a preview', async () => {
    const tenant = t.tenant();
    const query_preview = `${'x'.repeat(90)} ${SECRET}`;
    await t.post('/api/v1/executions', { executions: [execution({ query_preview })] }, tenant);
    expect(JSON.stringify(await read(t, tenant))).not.toContain('sk-live');
  });

  it('leaves what is refused refused', async () => {
    const answer = await t.post('/api/v1/executions', {
      executions: [
        execution(),
        { ...execution(), id: 7 },
        'x',
        execution({ error_message: 'x'.repeat(17_000) }),
      ],
    });
    expect(answer.json<Json>()).toMatchObject({
      accepted: 1,
      rejected: [{ index: 1 }, { index: 2 }, { index: 3 }],
    });
  });

  it('does not hang on large texts', async () => {
    const tenant = t.tenant();
    const steps = Array.from({ length: 100 }, (_, i) => ({
      step_number: i,
      step_type: 'thought',
      content: `${'sk-live- hunter '.repeat(1_000)}${SECRET}`,
    }));
    const began = performance.now();
    await t.post('/api/v1/executions', { executions: [execution({ steps })] }, tenant);
    expect(performance.now() - began).toBeLessThan(120_000);
    expect(await placesOf(t.pool, SECRET)).toEqual([]);
  });
});

describe('redaction of large requests', () => {
  const PATTERNS = Array.from({ length: 20 }, (_, i) => `\\b(?i:key)-${i}-\\d{13,16}\\b`);

  it('leaves the event loop to others', async () => {
    const content = new Content('full', [...PATTERNS, '(?:.*a){20}x']);
    const text = `${'lorem ipsum dolor sit amet 12 '.repeat(100)} key-7-1234567890123`;
    // Its own work, without what the thread does: the machine may be busy with other work meanwhile.
    const steps = Array.from({ length: 1_000 }, (_, i) => ({ step_number: i, content: text }));
    const long = { step_number: 1_001, content: 'b'.repeat(20_000) };
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const began = performance.now();
    const kept = await content.steps([...steps, long]);
    const took = performance.now() - began;
    delay.disable();
    await content.close();
    expect(kept[7]).toMatchObject({ content: expect.stringMatching(/ 12 {2}\[redacted\]$/) as unknown });
    expect(delay.percentile(99) / 1e6).toBeLessThan(Math.max(50, took / 10));
  }, 600_000);

  it('is refused once the service closes', async () => {
    const content = new Content('full', ['secret']);
    const step = { step_number: 1, content: 'a secret' };
    const redactedStep = { step_number: 1, content: 'a [redacted]' };
    expect(await content.steps([step])).toEqual([redactedStep]);
    await content.close();
    await expect(content.steps([step])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

it('redaction applies to an import of a CSV file', async () => {
  const t = await testApp();
  const folder = mkdtempSync(join(tmpdir(), 'agentidp-content-'));
  try {
    const file = join(folder, 'runs.csv');
    const row = [ID, 'failure', '2026-03-18T11:00:00Z', `key ${SECRET}`, `no ${SECRET}`];
    writeFileSync(file, `id,status,started_at,query_preview,error_message\n${row.join(',')}\n`);
    const env = { DATABASE_URL: t.database.url, REDACT: 'sk-live-\\w+' };
    await runCli(['import', 'executions', file, '--tenant', 'acme'], env);
    const { rows } = await t.pool.query<Json>('SELECT query_preview, error_message FROM executions');
    expect(rows).toEqual([{ query_preview: 'key [redacted]', error_message: 'no [redacted]' }]);
    expect(await placesOf(t.pool, SECRET)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
    await t.close();
  }
}, 600_000);

describe.each([
  [
    'full',
    { query_preview: expect.stringContaining(SECRET), error_message: expect.stringContaining(SECRET) },
    true,
  ],
  [
    'preview',
    { query_preview: expect.stringContaining(SECRET), error_message: expect.stringContaining(SECRET) },
    false,
  ],
  ['none', { query_preview: null, error_message: null }, false],
])('CAPTURE_CONTENT=%s', (capture, kept, hasSteps) => {
  let t: TestApp;
  beforeAll(async () => {
    t = await testApp({ env: { CAPTURE_CONTENT: capture } });
  });
  afterAll(() => t.close());

  const content = hasSteps ? expect.stringContaining(SECRET) : null;

  it('decides what is kept of executions', async () => {
    const tenant = t.tenant();
    await t.post('/api/v1/executions', { executions: [execution()] }, tenant);
    expect(await read(t, tenant)).toMatchObject({ ...kept, status: 'failure', steps: [{ content }] });
  });

  it('decides what is kept of spans', async () => {
    const tenant = t.tenant();
    await t.post('/v1/traces', spans(), tenant);
    expect(await read(t, tenant, EXECUTION)).toMatchObject({
      ...kept,
      status: 'failure',
      agent_name: 'helper',
      steps: [{ tool_name: 'vault', content }],
    });
  });
});

describe('a sender', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await testApp({ env: { CAPTURE_CONTENT: 'preview' } });
  });
  afterAll(() => t.close());
  const asking = (tenant: string, capture: string) => ({ tenant, headers: { 'x-capture-content': capture } });

  it('can ask to keep less', async () => {
    const tenant = t.tenant();
    const plain = execution({ tags: [] });
    await t.post('/api/v1/executions', { executions: [plain] }, asking(tenant, 'none'));
    const other = t.tenant();
    const traced = JSON.parse(JSON.stringify(spans()).replace(`ask ${SECRET}`, 'ask')) as object;
    await t.post('/v1/traces', traced, asking(other, 'none'));
    expect(await read(t, tenant)).toMatchObject({ query_preview: null, error_message: null });
    expect(await read(t, other, EXECUTION)).toMatchObject({ query_preview: null, error_message: null });
    expect(await placesOf(t.pool, SECRET)).toEqual([]);
  });

  it('cannot ask to keep more', async () => {
    const tenant = t.tenant();
    await t.post('/api/v1/executions', { executions: [execution()] }, asking(tenant, 'full'));
    const step = { step_number: 2, step_type: 'observation', content: SECRET };
    await t.post(`/api/v1/executions/${ID}/steps`, { steps: [step] }, asking(tenant, 'full'));
    expect((await read(t, tenant)).steps).toMatchObject([{ content: null }, { content: null }]);
  });

  it.each(['/api/v1/executions', '/v1/traces'])('is told what it can ask for at %s', async (path) => {
    const answer = await t.post(path, { executions: [] }, asking(t.tenant(), 'some'));
    expect(answer.statusCode).toBe(400);
    expect(answer.json<Json>()).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringMatching(/x-capture-content.*none.*preview.*full/) as unknown,
    });
  });
});

it('a timeout is one although its message is not kept', async () => {
  const t = await testApp({ env: { CAPTURE_CONTENT: 'none' } });
  try {
    const attributes = { 'gen_ai.operation.name': 'chat', 'error.type': 'APIError' };
    const span = wireSpan({ id: 'a', from: 0, to: 1, attributes, error: 'the request timed out' });
    const tenant = t.tenant();
    await t.post('/v1/traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }, tenant);
    expect(await read(t, tenant, EXECUTION)).toMatchObject({ status: 'timeout', error_message: null });
  } finally {
    await t.close();
  }
});
