/**
 * Maps attributes of spans to fields. For each field, the name in OpenTelemetry's GenAI conventions comes first, then the
 * names in OpenInference, OpenLLMetry (Traceloop), the Vercel AI SDK and older versions of the conventions. The first
 * attribute that a span has is used.
 */
import type { Kind } from './attributes.js';
import { isQuestion } from './question.js';
import { type KnownOfEmitter, TOKEN_MAPPING, type TokenFields } from './token-mapping.js';
import { OBJECT_ATTRIBUTES } from './usage-objects.js';

/**
 * The role of a span within a run. `chain`: a step of a framework, which may hold others. `counted`: only has token counts,
 * its own or those of the calls below it.
 */
export type Role = 'agent' | 'workflow' | 'chain' | 'model' | 'tool' | 'counted';

export interface Fields extends TokenFields {
  role?: Role;
  provider?: string;
  model?: string;
  /** Id that an agent was given for this service. */
  ownAgentId?: string;
  agentId?: string;
  agentName?: string;
  /** What a span is called, where that may be the name of an agent or a workflow. */
  label?: string;
  /** Id that the provider has given the response of a model call. */
  responseId?: string;
  workflow?: string;
  session?: string;
  user?: string;
  tool?: string;
  input?: string;
  output?: string;
  errorType?: string;
  environment?: string;
  serviceName?: string;
  serviceVersion?: string;
}

export interface Mapped {
  field: Exclude<keyof Fields, 'role' | 'label' | KnownOfEmitter>;
  kind: Kind;
  attributes: readonly string[];
}

export const MAPPING: readonly Mapped[] = [
  {
    field: 'provider',
    kind: 'text',
    attributes: [
      'gen_ai.provider.name',
      'gen_ai.system',
      'llm.provider',
      'llm.system',
      'llm.vendor',
      'ai.model.provider',
      'mlflow.llm.provider',
      'traceloop.association.properties.ls_provider',
    ],
  },
  {
    field: 'model',
    kind: 'text',
    attributes: [
      'gen_ai.response.model',
      'gen_ai.request.model',
      'llm.response.model',
      'llm.model_name',
      'llm.response.model_name',
      'llm.request.model',
      'llm.request.model_name',
      'embedding.model_name',
      'langfuse.observation.model.name',
      'mlflow.llm.model',
      'ai.response.model',
      'ai.model.id',
      'traceloop.association.properties.ls_model_name',
    ],
  },
  ...TOKEN_MAPPING,
  {
    field: 'responseId',
    kind: 'text',
    attributes: ['gen_ai.response.id', 'llm.response.id', 'ai.response.id'],
  },
  { field: 'ownAgentId', kind: 'text', attributes: ['agentidp.agent.id'] },
  { field: 'agentId', kind: 'text', attributes: ['gen_ai.agent.id', 'agent.id'] },
  {
    field: 'agentName',
    kind: 'text',
    attributes: ['gen_ai.agent.name', 'agent.name', 'agent_name', 'ai.telemetry.functionId'],
  },
  { field: 'workflow', kind: 'text', attributes: ['gen_ai.workflow.name', 'traceloop.workflow.name'] },
  {
    field: 'session',
    kind: 'text',
    attributes: [
      'gen_ai.conversation.id',
      'session.id',
      'gen_ai.session.id',
      'traceloop.association.properties.session_id',
      'ai.telemetry.metadata.sessionId',
      'gcp.vertex.agent.session_id',
      'langfuse.session.id',
      'mlflow.trace.session',
    ],
  },
  {
    field: 'user',
    kind: 'text',
    attributes: [
      'user.id',
      'enduser.id',
      'gen_ai.user.id',
      'traceloop.association.properties.user_id',
      'ai.telemetry.metadata.userId',
      'langfuse.user.id',
      'mlflow.trace.user',
    ],
  },
  { field: 'tool', kind: 'text', attributes: ['gen_ai.tool.name', 'tool.name', 'ai.toolCall.name'] },
  {
    field: 'input',
    kind: 'content',
    attributes: [
      'gen_ai.tool.call.arguments',
      'gen_ai.input.messages',
      'input.value',
      'tool.parameters',
      'traceloop.entity.input',
      'gen_ai.prompt',
      'gen_ai.prompt.0.content',
      'llm.input_messages.0.message.content',
      'ai.prompt',
      'ai.toolCall.args',
      'langfuse.observation.input',
      'mlflow.spanInputs',
    ],
  },
  {
    field: 'output',
    kind: 'content',
    attributes: [
      'gen_ai.tool.call.result',
      'gen_ai.output.messages',
      'output.value',
      'traceloop.entity.output',
      'gen_ai.completion',
      'gen_ai.completion.0.content',
      'llm.output_messages.0.message.content',
      'ai.toolCall.result',
      'langfuse.observation.output',
      'mlflow.spanOutputs',
    ],
  },
  {
    field: 'errorType',
    kind: 'error',
    attributes: ['error.type', 'exception.type', 'gen_ai.error.type', 'error.code'],
  },
  {
    field: 'environment',
    kind: 'text',
    attributes: ['deployment.environment.name', 'deployment.environment', 'langfuse.environment'],
  },
  { field: 'serviceName', kind: 'text', attributes: ['service.name'] },
  { field: 'serviceVersion', kind: 'text', attributes: ['service.version'] },
];

/** The name of an agent, a tool or a workflow. */
export const ENTITY_NAME = 'traceloop.entity.name';

/** A request that only counts tokens, although Anthropic's SDK declares a chat. */
export const COUNTING = 'anthropic.message.count_tokens.input_tokens';

/** Attributes that declare the kind of a span. ROLES maps their values, in lower case. */
export const ROLE_ATTRIBUTES = [
  'gen_ai.operation.name',
  'openinference.span.kind',
  'traceloop.span.kind',
  'llm.request.type',
  'ai.operationId',
] as const;
/** The same of products that declare a kind of every span: the other kinds, such as `span`, say nothing of it. */
export const PRODUCT_ROLE_ATTRIBUTES = ['langfuse.observation.type', 'mlflow.spanType'] as const;
export const ROLES: Readonly<Record<string, Role>> = {
  chat: 'model',
  text_completion: 'model',
  // Semantic Kernel's first releases.
  'chat.completions': 'model',
  'text.completions': 'model',
  responses: 'model',
  generate_content: 'model',
  embeddings: 'model',
  completion: 'model',
  llm: 'model',
  embedding: 'model',
  generation: 'model',
  chat_model: 'model',
  rerank: 'model',
  image_generation: 'model',
  transcription: 'model',
  speech: 'model',
  'ai.generatetext.dogenerate': 'model',
  'ai.streamtext.dostream': 'model',
  'ai.generateobject.dogenerate': 'model',
  'ai.streamobject.dostream': 'model',
  'ai.embed.doembed': 'model',
  'ai.embedmany.doembed': 'model',
  'ai.toolcall': 'tool',
  execute_tool: 'tool',
  tool: 'tool',
  invoke_agent: 'agent',
  agent: 'agent',
  invoke_workflow: 'workflow',
  workflow: 'workflow',
  invoke_graph: 'workflow',
  invoke_swarm: 'workflow',
  chain: 'chain',
  task: 'chain',
  'ai.generatetext': 'chain',
  'ai.streamtext': 'chain',
  'ai.generateobject': 'chain',
  'ai.streamobject': 'chain',
  'ai.embed': 'chain',
  'ai.embedmany': 'chain',
};

/** Further attributes that name the agent on some spans. */
export const AGENT_ATTRIBUTES = {
  langChain: 'traceloop.association.properties.lc_agent_name',
  metadata: 'metadata',
  node: 'graph.node.id',
  resource: 'resource.name',
} as const;

const NAMES: ReadonlySet<string> = new Set([
  ...MAPPING.flatMap(({ attributes }) => attributes),
  ...ROLE_ATTRIBUTES,
  ...PRODUCT_ROLE_ATTRIBUTES,
  ENTITY_NAME,
  ...Object.values(AGENT_ATTRIBUTES),
  COUNTING,
  ...OBJECT_ATTRIBUTES,
]);
/** Prefixes of GenAI attributes. */
const PREFIXES = ['gen_ai.', 'llm.'] as const;

/** Whether the mapping reads this attribute. */
export const isNamed = (attribute: string): boolean => NAMES.has(attribute) || isQuestion(attribute);
export const isGenAi = (attribute: string): boolean =>
  PREFIXES.some((prefix) => attribute.startsWith(prefix));
