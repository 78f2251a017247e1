/** What arrives from the libraries whose spans have been tried, for docs/otlp.md. */

interface Library {
  library: string;
  /** Versions that were tried. */
  versions: string;
  arrives: string;
  missing: string;
}

const NOTHING = '—';

export const LIBRARIES: readonly Library[] = [
  {
    library: 'Anthropic SDK for Python, its own spans',
    versions: '2.14',
    arrives: 'model calls with cached tokens; requests that only count tokens are no calls',
    missing: 'content, messages of errors, agents, sessions',
  },
  {
    library: 'AutoGen, its own spans',
    versions: 'agentchat 0.7',
    arrives: 'agents and tools',
    missing: 'model calls, and with them tokens and cost; content, sessions',
  },
  {
    library: 'Google ADK, its own spans',
    versions: '2.13',
    arrives: 'workflow, agents, transfers, tools, model calls with cached and reasoning tokens, session',
    missing: 'users; content, unless it is enabled',
  },
  {
    library: 'LiteLLM, callback `otel`',
    versions: '1.110',
    arrives:
      'model calls with cost, service tier and content; cached and reasoning tokens from the usage in its metadata',
    missing: 'sessions, agents; sometimes the provider, which then follows from the model',
  },
  {
    library: 'OpenInference, Anthropic',
    versions: '3.1',
    arrives:
      'model calls with cached tokens and content; the SDK’s own span of the same call is not counted again',
    missing: 'agents',
  },
  {
    library: 'OpenInference, CrewAI',
    versions: '1.1, with OpenAI 0.1',
    arrives: 'crew, agents, tools, session; model calls from the instrumentation of the client',
    missing: 'model calls, unless the client is instrumented as well',
  },
  {
    library: 'OpenInference, LangChain and LangGraph',
    versions: '0.1',
    arrives: 'agents, tools, session, model calls with cached and reasoning tokens and content',
    missing: NOTHING,
  },
  {
    library: 'OpenInference, OpenAI',
    versions: '0.1',
    arrives: 'model calls with cached and reasoning tokens and content, session, user',
    missing:
      'agents and tools; usage of streams without `include_usage`, which are unpriced; the model of a call that failed, ' +
      'which is read from its parameters',
  },
  {
    library: 'OpenInference, OpenAI Agents',
    versions: '2.6',
    arrives: 'workflow, agents, handoffs, tools, model calls with cached and reasoning tokens and content',
    missing: '`group_id`, and so the session; the model of a call that failed',
  },
  {
    library: 'OpenInference, smolagents',
    versions: '0.1',
    arrives: 'agent, tools, session, model calls with content',
    missing: 'cached and reasoning tokens, so that the cost is too high where a cache is used',
  },
  {
    library: 'OpenLLMetry, LangChain',
    versions: '0.62',
    arrives: 'agents, workflows, tools, session, model calls with cached tokens and content',
    missing: 'reasoning tokens; an agent id that stays, since each run has a new one',
  },
  {
    library: 'OpenLLMetry, OpenAI',
    versions: '0.62',
    arrives: 'model calls with cached and reasoning tokens, service tier and content',
    missing: 'reasoning tokens of streams; agents, sessions',
  },
  {
    library: 'OpenTelemetry, OpenAI',
    versions: 'openai-v2 2.4b0',
    arrives: 'model calls with service tier and content',
    missing:
      'cached and reasoning tokens, so that the cost is too high where a cache is used; agents, sessions',
  },
  {
    library: 'OpenTelemetry, OpenAI Agents',
    versions: 'openai-agents-v2 0.1',
    arrives: 'workflow, agents, handoffs, tools, model calls with content',
    missing: 'cached and reasoning tokens, `group_id`; an id of its own for each agent',
  },
  {
    library: 'Pydantic AI, its own spans',
    versions: '2.68',
    arrives:
      'agents and agents within agents, tools, conversation, model calls with cached and reasoning tokens and cost',
    missing: 'content, if it was switched off: previews are then empty',
  },
  {
    library: 'Semantic Kernel, its own spans',
    versions: '1.45',
    arrives: 'agents and model calls',
    missing:
      'cached and reasoning tokens, sessions, content; an agent id that stays, since each object has a new one',
  },
  {
    library: 'Strands Agents, its own spans',
    versions: '1.62',
    arrives:
      'agents and graphs, tools, session, user, model calls with cached tokens; content from span events',
    missing: 'reasoning tokens; the provider, which follows from the model',
  },
  {
    library: 'Traceloop SDK for JavaScript',
    versions: '0.27',
    arrives: 'workflow, agents, tools, session, user, model calls with content',
    missing: 'cached and reasoning tokens; spans that end in an error, so that failures do not arrive',
  },
  {
    library: 'Traceloop SDK for Python',
    versions: '0.62',
    arrives:
      'workflow, agents, tools, session, user, model calls with cached and reasoning tokens and content',
    missing: NOTHING,
  },
  {
    library: 'Vercel AI SDK',
    versions: '5.0',
    arrives:
      'runs named after `functionId`, tools, session and user from the metadata, model calls with content; cached tokens of ' +
      'Anthropic from the metadata of the provider',
    missing: 'cached and reasoning tokens of `generateText` and `generateObject` with OpenAI',
  },
  {
    library: 'Vercel AI SDK, `@ai-sdk/otel`',
    versions: '7.0',
    arrives: 'agents, tools, model calls with cached tokens and content',
    missing: 'metadata, and so session and user; reasoning tokens',
  },
];
