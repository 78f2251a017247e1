/**
 * The digests by which an execution that is sent again is recognised. They are stored, and replicas of two releases may
 * run side by side: these values are those of the first release and never change.
 */
import { bodyOf, testApp, type TestApp } from '../support/app.js';
import { execution, step, usage, uuid } from '../support/executions.js';
import { chat, envelope, EXECUTION, wireSpan } from '../support/otlp.js';

interface Digests {
  header: string;
  steps: string | null;
  usages: string | null;
}

const AT = '2026-03-18T09:10:00.250Z';
/** Every field that the first release took, each with a value of its own. */
const FULL = {
  id: uuid(1),
  request_id: 'r-1',
  session_id: 's-1',
  agent_id: 'a-1',
  agent_name: 'Agent 1',
  agent_type: 'react',
  flow_id: 'f-1',
  user_id: 'u-1',
  provider: 'openai',
  model_name: 'gpt-4o',
  status: 'failure',
  started_at: AT,
  completed_at: '2026-03-18T10:10:02.5+01:00',
  execution_time_ms: 1840.125,
  llm_time_ms: 1500,
  input_tokens: 1200,
  output_tokens: 300,
  total_tokens: 1500,
  cached_input_tokens: 200,
  cache_write_tokens: 100,
  reasoning_tokens: 50,
  cost_usd: 0.00125,
  query_preview: 'Zahlen, Zeichen – und 😀',
  error_type: 'RateLimit',
  error_message: 'too many\nrequests',
  tags: ['production', 'a"b\\c'],
  reservation_id: 'ABCDEF00-0000-4000-8000-00000000000A',
  steps: [
    step(2, 'tool_call', {
      content: 'x\ud83d',
      tool_name: 'search\udc00',
      status: 'timeout',
      input_tokens: 7,
      output_tokens: 3,
      duration_ms: 12.5,
      timestamp: '2026-03-18T09:10:01Z',
    }),
    step(0, 'thought'),
  ],
  token_usages: [
    usage('gpt-4o', 900, 200, {
      id: 'usage-1',
      cached_input_tokens: 100,
      cache_write_tokens: 50,
      reasoning_tokens: 20,
      total_tokens: 1100,
      cost_usd: 1e-7,
      step_number: 2,
    }),
    { component: 'sub_agent', input_tokens: 1 },
    { component: 'sub_agent', input_tokens: 1 },
    usage('m\ud83d', 0, 0, { component: 'c' }),
  ],
};

/** Shapes, each with what the first release has stored of it. */
const SHAPES: [string, object, Digests][] = [
  [
    'with every field',
    FULL,
    {
      header: 'eafea8ce-dfed-3571-4f49-2b5713e24ec5',
      steps: '6a2b48aa-1b84-0eec-4b6c-e6f9f596cf6a',
      usages: '312cd59f-647f-3675-b69b-b9b3a4fc4fca',
    },
  ],
  [
    'with the least',
    execution(1, AT),
    { header: 'c20ad6c4-b35b-0efe-bbdb-6c006b4581b9', steps: null, usages: null },
  ],
  [
    'with nulls in place of what may be left out',
    Object.fromEntries(
      Object.entries(FULL).map(([name, value]) => [
        name,
        ['id', 'status', 'started_at'].includes(name) ? value : null,
      ]),
    ),
    { header: 'b359d16f-a308-50f9-8a4e-6b1536a0e3c9', steps: null, usages: null },
  ],
  [
    'with empty arrays',
    execution(1, AT, { steps: [], token_usages: [], tags: [] }),
    {
      header: 'c20ad6c4-b35b-0efe-bbdb-6c006b4581b9',
      steps: '4f53cda1-8c2b-aa0c-0354-bb5f9a3ecbe5',
      usages: '4f53cda1-8c2b-aa0c-0354-bb5f9a3ecbe5',
    },
  ],
  [
    'with a total that is that of its usages',
    execution(1, AT, { total_tokens: 110, token_usages: [usage('gpt-4o', 100, 10)] }),
    {
      header: 'c20ad6c4-b35b-0efe-bbdb-6c006b4581b9',
      steps: null,
      usages: '8d8c4492-d579-2cb8-a02a-915bd4025f90',
    },
  ],
  [
    'running, with a count of 0 and a cost of 0',
    execution(1, AT, { status: 'running', input_tokens: 0, cost_usd: 0 }),
    { header: 'f49bb4c4-634e-f8ce-8ab2-0a6073bce20f', steps: null, usages: null },
  ],
  [
    'with long texts, of which the beginning is kept',
    execution(1, AT, {
      completed_at: '2026-03-18T09:10:01Z',
      query_preview: 'é'.repeat(150),
      agent_type: 'half\ud83d',
      steps: [step(1, 'action', { content: '€'.repeat(8_000) })],
    }),
    {
      header: '6372d089-292a-0235-0292-2454f4358bc9',
      steps: 'df7c0173-f541-e9fc-70bd-01141ecc9cc5',
      usages: null,
    },
  ],
];

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

async function digestsOf(tenant: string, id = uuid(1)): Promise<Digests> {
  const { rows } = await t.pool.query<Digests>(
    `SELECT header_digest AS header, steps_digest AS steps, usages_digest AS usages FROM executions
     WHERE tenant_id = $1 AND id = $2`,
    [tenant, id],
  );
  return rows[0]!;
}

const send = async (tenant: string, sent: object): Promise<object> =>
  bodyOf(await t.post('/api/v1/executions', { executions: [sent] }, { tenant }));

it.each(SHAPES)('of an execution %s', async (_shape, sent, digests) => {
  const tenant = t.tenant();
  expect(await send(tenant, sent)).toMatchObject({ accepted: 1, rejected: [] });
  expect(await digestsOf(tenant)).toEqual(digests);
  expect(await send(tenant, sent)).toMatchObject({ accepted: 0, duplicates: 1 });
});

it('of steps and usages that are appended', async () => {
  const tenant = t.tenant();
  await send(tenant, FULL);
  const parts = [
    ['steps', { steps: [step(1, 'observation', { content: 'seen' }), step(2, 'final_answer')] }],
    ['token-usages', { token_usages: [usage('gpt-4o', 5, 1, { id: 'usage-2' })] }],
  ] as const;
  for (const [path, body] of parts) {
    const url = `/api/v1/executions/${uuid(1)}/${path}`;
    expect(bodyOf(await t.post(url, body, { tenant }))).toMatchObject({ rejected: [], duplicates: 0 });
  }
  expect(await digestsOf(tenant)).toEqual({
    header: 'eafea8ce-dfed-3571-4f49-2b5713e24ec5',
    steps: 'd641c71e-4129-a56b-b53f-2b0a2984a130',
    usages: '8a4df821-7646-3351-bc98-0780c9fd49c2',
  });
});

it('of an execution that leaves its tags out, which stay', async () => {
  const tenant = t.tenant();
  await send(tenant, FULL);
  await send(tenant, { ...FULL, tags: undefined, status: 'success' });
  expect(await digestsOf(tenant)).toMatchObject({ header: '34e8e121-dc33-6c7a-9d7d-204530b3e29a' });
});

it('of a trace', async () => {
  const tenant = t.tenant();
  // An agent's id is only taken if it is known.
  await send(tenant, execution(1, AT, { agent_id: 'a-1' }));
  const spans = [
    wireSpan({
      id: 'agent',
      from: 0,
      to: 3.5,
      error: 'no answer',
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.id': 'a-1',
        'gen_ai.agent.name': 'Agent 1',
        'gen_ai.conversation.id': 's-1',
        'error.type': 'Silence',
      },
    }),
    wireSpan({ id: 'chat', parent: 'agent', from: 0.5, to: 1.25, attributes: chat(100, 10) }),
    wireSpan({
      id: 'tool',
      parent: 'agent',
      from: 1.5,
      to: 2,
      attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },
    }),
  ];
  expect(bodyOf(await t.post('/v1/traces', envelope(spans), tenant))).toEqual({});
  expect(await digestsOf(tenant, EXECUTION)).toEqual({
    // With its trace id. The first release did not keep that: its digest of the same header is 8508aebd-df6f-….
    header: '32c99616-c6db-1b52-81f1-e24ef9925142',
    steps: '55ab678b-eddf-2897-dcae-c66a408d1e5c',
    usages: '73c2e7ab-835d-42d4-124b-07908e615f7a',
  });
});
