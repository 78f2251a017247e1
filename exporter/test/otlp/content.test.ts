/** What users asked, in the forms in which libraries write it. */
import { type Json, testApp, type TestApp } from '../support/app.js';
import { EXECUTION, wireSpan } from '../support/otlp.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const AGENT = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'helper' };
const QUESTION = 'Is it sunny?';

async function executionOf(
  attributes: Record<string, unknown>,
  events: { name: string; attributes: Record<string, string> }[] = [],
): Promise<Json> {
  const tenant = t.tenant();
  const wireEvents = events.map((event) => ({
    name: event.name,
    attributes: Object.entries(event.attributes).map(([key, stringValue]) => ({
      key,
      value: { stringValue },
    })),
  }));
  const span = { ...wireSpan({ id: 'a', from: 0, to: 1, attributes }), events: wireEvents };
  await t.post('/v1/traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }, tenant);
  return t.read<Json>(`executions/${EXECUTION}`, tenant);
}
const previewOf = async (...sent: Parameters<typeof executionOf>): Promise<unknown> =>
  (await executionOf(...sent)).query_preview;
const json = (value: unknown): string => JSON.stringify(value);

const EARLIER = [
  { role: 'system', content: 'Be brief' },
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: 'Hi' },
];
const langChain = (name: string, content: string): object => ({
  lc: 1,
  type: 'constructor',
  id: ['langchain', 'schema', 'messages', name],
  kwargs: { content },
});

describe('the preview is the question of the user', () => {
  it.each<[string, Record<string, unknown>]>([
    [
      'in the messages of the conventions',
      {
        'gen_ai.input.messages': json([
          { role: 'user', parts: [{ type: 'text', content: QUESTION }] },
          {
            role: 'assistant',
            parts: [{ type: 'tool_call', name: 'weather', arguments: { city: 'Paris' } }],
          },
          { role: 'user', parts: [{ type: 'tool_call_response', response: 'sunny' }] },
        ]),
      },
    ],
    [
      'in the last of several messages',
      { 'input.value': json({ messages: [...EARLIER, { role: 'user', content: QUESTION }] }) },
    ],
    [
      'in messages of an attribute of another library',
      { 'acme.agent.input_messages': json([{ role: 'user', content: QUESTION }]) },
    ],
    [
      'of Pydantic AI',
      { 'pydantic_ai.all_messages': json([{ role: 'user', parts: [{ type: 'text', content: QUESTION }] }]) },
    ],
    ['of the Vercel AI SDK', { 'ai.prompt': json({ system: 'Be brief', prompt: QUESTION }) }],
    [
      'in messages of LangChain',
      {
        'input.value': json({
          messages: [[langChain('SystemMessage', 'Be brief'), langChain('HumanMessage', QUESTION)]],
        }),
      },
    ],
    [
      'in pairs of LangChain',
      {
        'input.value': json({
          messages: [
            ['system', 'Be brief'],
            ['human', QUESTION],
          ],
        }),
      },
    ],
    [
      'in dumped messages of LangChain',
      { 'input.value': json({ messages: [{ type: 'human', data: { content: QUESTION } }] }) },
    ],
    [
      'in the variable of a template',
      { 'traceloop.entity.input': json({ inputs: { q: QUESTION }, tags: [], kwargs: { name: 'Chain' } }) },
    ],
    [
      'in the arguments of a function',
      { 'traceloop.entity.input': json({ args: [QUESTION, 'session-1'], kwargs: {} }) },
    ],
    [
      'in the contents of Gemini',
      {
        'gcp.vertex.agent.llm_request': json({
          model: 'gemini',
          contents: [{ role: 'user', parts: [{ text: QUESTION }] }],
        }),
      },
    ],
    ['in the input of the Responses API', { 'input.value': json({ model: 'gpt-4o', input: QUESTION }) }],
    ['in a task', { 'input.value': json({ task: QUESTION, stream: false, max_steps: 3 }) }],
    ['in plain text', { input: QUESTION }],
    [
      'in flattened messages of OpenInference',
      {
        'llm.input_messages.0.message.role': 'system',
        'llm.input_messages.0.message.content': 'Be brief',
        'llm.input_messages.1.message.role': 'user',
        'llm.input_messages.1.message.contents.0.message_content.type': 'text',
        'llm.input_messages.1.message.contents.0.message_content.text': QUESTION,
        'llm.input_messages.10.message.role': 'tool',
        'llm.input_messages.10.message.content': 'sunny',
      },
    ],
    [
      'in flattened messages of OpenLLMetry',
      {
        'gen_ai.prompt.0.role': 'system',
        'gen_ai.prompt.0.content': 'Be brief',
        'gen_ai.prompt.1.role': 'user',
        'gen_ai.prompt.1.content': json([{ type: 'text', text: QUESTION }]),
      },
    ],
    [
      'in JSON whose end was cut',
      {
        'gen_ai.input.messages': json([{ role: 'user', parts: [{ type: 'text', content: QUESTION }] }]).slice(
          0,
          -4,
        ),
      },
    ],
  ])('%s', async (_where, attributes) => {
    expect(await previewOf({ ...AGENT, ...attributes })).toBe(QUESTION);
  });

  it.each([
    'Hidden gems in Paris?',
    '[docs](https://example.org) What is it?',
    '(Urgent) Is it sunny?',
    'filtered by region, which sold most?',
    'Use {name} in the template',
  ])('if it looks odd: %s', async (question) => {
    expect(await previewOf({ ...AGENT, 'input.value': question })).toBe(question);
  });

  it.each([
    [
      'an event of a message',
      { name: 'gen_ai.user.message', attributes: { content: json([{ text: QUESTION }]) } },
    ],
    [
      'an event of a prompt',
      {
        name: 'gen_ai.content.prompt',
        attributes: { 'gen_ai.prompt': json([...EARLIER, { role: 'user', content: QUESTION }]) },
      },
    ],
    [
      'an event with all details',
      {
        name: 'gen_ai.client.inference.operation.details',
        attributes: {
          'gen_ai.input.messages': json([{ role: 'user', parts: [{ type: 'text', content: QUESTION }] }]),
        },
      },
    ],
  ])('in %s', async (_where, event) => {
    expect(await previewOf(AGENT, [event])).toBe(QUESTION);
  });
});

describe('the preview is empty', () => {
  it.each<[string, Record<string, unknown>]>([
    [
      'if parts have no text',
      { 'gen_ai.input.messages': json([{ role: 'user', parts: [{ type: 'text' }] }]) },
    ],
    ['if content was replaced', { 'input.value': '__REDACTED__' }],
    ['if content was elided', { 'input.value': '<elided 99 characters>' }],
    ['if content was not captured', { 'input.value': 'Content not captured' }],
    ['if content was scrubbed', { 'input.value': "[Scrubbed due to 'password']" }],
    ['if content was starred', { 'input.value': '*****' }],
    ['if there was none', { 'input.value': 'None' }],
    ['of Python objects in a list', { 'input.value': `[HumanMessage(content='Hi', additional_kwargs={})]` }],
    ['of Python tuples', { 'input.value': `[('system', 'Be brief'), ('human', 'Hi')]` }],
    ['of Python arguments', { 'input.value': `args=('Hi',) kwargs={'x': 1}` }],
    ['of JavaScript objects', { 'input.value': '{messages: [{role: user, content: Hi}]}' }],
    ['of an image', { 'input.value': 'data:image/png;base64,iVBORw0KGgo=' }],
    ['of an image without its type', { 'input.value': `iVBORw0KGgo${'AAAA4x/T'.repeat(20)}=` }],
    [
      'if only others have written',
      { 'gen_ai.input.messages': json([{ role: 'assistant', parts: [{ type: 'text', content: 'Hi' }] }]) },
    ],
    ['if there is only a model', { 'input.value': json({ model: 'gpt-4o' }) }],
    [
      'if it is an object of Python',
      { 'input.value': "{'messages': [ChatMessage(role='user', content='x')]}" },
    ],
    ['if it is JSON that cannot be read', { 'input.value': '{"a": {"b": [}' }],
    ['if it is an empty object', { 'input.value': '{}' }],
  ])('%s', async (_why, attributes) => {
    expect(await previewOf({ ...AGENT, ...attributes })).toBeNull();
  });
});

it('a question may begin with a bracket', async () => {
  expect(await previewOf({ ...AGENT, 'input.value': '[urgent] Is it sunny?' })).toBe('[urgent] Is it sunny?');
});

it('a tool call has its content from events', async () => {
  const { steps } = await executionOf(
    { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'weather' },
    [
      { name: 'gen_ai.tool.message', attributes: { content: '{"city":"Paris"}' } },
      { name: 'gen_ai.choice', attributes: { message: 'sunny' } },
    ],
  );
  expect(steps).toMatchObject([{ tool_name: 'weather', content: '{"city":"Paris"}\n→ sunny' }]);
});
