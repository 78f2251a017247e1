/** Spans through OTLP against decoding the same requests and nothing more. */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { decodeJson, decodeProtobuf } from '../../src/ingest/otlp/protocol.js';
import { bearerOf, startExporter } from '../support/exporter.js';
import type { Bench, Context, Figure, Result } from '../support/figure.js';
import { inParallel, median, paired, timed } from '../support/measure.js';
import { type Request, spansIn } from '../../test/support/captures.js';
import { type Encoding, readRequests, renewed, sendSpans } from '../support/spans.js';

const TENANT = 'bench';
const CONNECTIONS = 8;
const TRACES_A_REQUEST = 40;
const SPANS_A_TRACE = 5;
const SIZE = { quick: { rounds: 3, requests: 60 }, full: { rounds: 9, requests: 200 } };
const TARGET = { atLeast: 0.2 };

/** Requests of one round, made anew for each so that no span is sent twice. */
interface Load {
  bodies: Uint8Array[];
  spans: number;
}

/** An agent that calls a model three times and a tool once. */
function body(): Uint8Array {
  const memory = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] }).getTracer(
    'bench',
  );
  for (let i = 0; i < TRACES_A_REQUEST; i += 1) {
    const agent = tracer.startSpan('invoke_agent auditor', {
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'auditor' },
    });
    const within = trace.setSpan(ROOT_CONTEXT, agent);
    for (let call = 0; call < SPANS_A_TRACE - 2; call += 1) {
      const attributes = {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 1000 + call,
        'gen_ai.usage.output_tokens': 100,
        'gen_ai.conversation.id': `conversation-${i}`,
      };
      tracer.startSpan('chat gpt-4o', { attributes }, within).end();
    }
    const tool = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' };
    tracer.startSpan('execute_tool search', { attributes: tool }, within).end();
    agent.end();
  }
  return ProtobufTraceSerializer.serializeRequest(memory.getFinishedSpans())!;
}

async function measure(
  { size, server, progress, profileDir }: Context,
  encoding: Encoding,
  load: (requests: number) => Load,
  decode: (body: Uint8Array) => unknown,
): Promise<Result> {
  const { rounds, requests } = SIZE[size];
  const database = await server.create('bench_otlp');
  const env = { ROLLUP_INTERVAL_SECONDS: '3600' };
  const exporter = await startExporter({ databaseUrl: database.url, folder: server.folder, env, profileDir });
  const authorization = await bearerOf(TENANT);
  const perSecond = async (work: (load: Load) => Promise<unknown>): Promise<number> => {
    const sent = load(requests);
    return sent.spans / ((await timed(() => work(sent))) / 1000);
  };
  try {
    const pairs = await paired(
      () =>
        perSecond(({ bodies }) =>
          inParallel(bodies.length, CONNECTIONS, (i) =>
            sendSpans(exporter.url, authorization, encoding, bodies[i]!),
          ),
        ),
      () =>
        perSecond(({ bodies }) => {
          for (const bytes of bodies) decode(bytes);
          return Promise.resolve();
        }),
      { rounds, warmUp: 4, onRound: (done, of) => progress(`round ${done} of ${of}`) },
    );
    const each = (values: number[]): string => Math.round(median(values)).toLocaleString('en');
    return { value: pairs.ratio, measured: `${each(pairs.ours)} ÷ ${each(pairs.bare)} spans/s` };
  } finally {
    await exporter.stop();
    await database.drop();
  }
}

export const otlp: Bench = {
  name: 'otlp',
  figures: () => [{ title: 'OTLP protobuf spans/s in ÷ decoding alone', target: TARGET }],
  run: async (context) => [
    await measure(
      context,
      'application/x-protobuf',
      (requests) => ({
        bodies: Array.from({ length: requests }, body),
        spans: requests * TRACES_A_REQUEST * SPANS_A_TRACE,
      }),
      decodeProtobuf,
    ),
  ],
};

/** The number that the batch processors of OpenTelemetry's SDKs send by default. */
const BATCH = 512;
const MIX: readonly Figure[] = [
  { title: `OTLP JSON spans/s of real libraries, ${BATCH} a request, in ÷ decoding alone`, target: TARGET },
  // Each request is a transaction then, or shares one with the few others that are sent meanwhile.
  { title: 'the same, a request for each run of a library', target: null },
];
const text = new TextDecoder();

export const otlpMix: Bench = {
  name: 'otlp-mix',
  figures: () => MIX,
  run: async (context) => {
    const captures = readRequests();
    if (captures === undefined)
      return MIX.map(() => ({ value: undefined, measured: 'the captures are missing' }));
    const sizes = captures.map((capture) => spansIn(capture).length);
    const runsInBatch = Math.ceil(BATCH / (sizes.reduce((sum, size) => sum + size, 0) / sizes.length));
    let next = 0;
    const take = (): Request => captures[next++ % captures.length]!;
    const loadOf = (requests: number, runs: number): Load => {
      const made = Array.from({ length: requests }, () => renewed(Array.from({ length: runs }, take)));
      return { bodies: made.map(({ body }) => body), spans: made.reduce((sum, { spans }) => sum + spans, 0) };
    };
    const decode = (bytes: Uint8Array): unknown => decodeJson(JSON.parse(text.decode(bytes)));
    const results: Result[] = [];
    for (const runs of [runsInBatch, 1])
      results.push(await measure(context, 'application/json', (requests) => loadOf(requests, runs), decode));
    return results;
  },
};
