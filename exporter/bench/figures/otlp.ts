/** Spans through OTLP as protobuf against decoding the same requests and nothing more. */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { request } from 'node:http';
import { decodeProtobuf } from '../../src/ingest/otlp/protocol.js';
import { bearerOf, startExporter } from '../support/exporter.js';
import type { Bench } from '../support/figure.js';
import { inParallel, median, paired, timed } from '../support/measure.js';

const TENANT = 'bench';
const CONNECTIONS = 8;
const TRACES_A_REQUEST = 40;
const SPANS_A_TRACE = 5;
const SIZE = { quick: { rounds: 3, requests: 20 }, full: { rounds: 9, requests: 200 } };

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

export const otlp: Bench = {
  name: 'otlp',
  figures: () => [{ title: 'OTLP protobuf spans/s in ÷ decoding alone', target: { atLeast: 0.2 } }],
  run: async ({ size, server, progress, profileDir }) => {
    const { rounds, requests } = SIZE[size];
    const database = await server.create('bench_otlp');
    const env = { ROLLUP_INTERVAL_SECONDS: '3600' };
    const exporter = await startExporter({
      databaseUrl: database.url,
      folder: server.folder,
      env,
      profileDir,
    });
    const authorization = await bearerOf(TENANT);
    const spans = requests * TRACES_A_REQUEST * SPANS_A_TRACE;
    const perSecond = (milliseconds: number): number => spans / (milliseconds / 1000);
    const bodies = (): Uint8Array[] => Array.from({ length: requests }, body);
    const post = (bytes: Uint8Array): Promise<void> =>
      new Promise((resolve, reject) => {
        const headers = { authorization, 'content-type': 'application/x-protobuf' };
        const sent = request(`${exporter.url}/v1/traces`, { method: 'POST', headers }, (response) => {
          response.resume();
          response.on('end', () =>
            response.statusCode === 200
              ? resolve()
              : reject(new Error(`answered with ${response.statusCode}`)),
          );
        });
        sent.on('error', reject);
        sent.end(bytes);
      });
    try {
      const throughHttp = async (): Promise<number> => {
        const all = bodies();
        return perSecond(await timed(() => inParallel(requests, CONNECTIONS, (i) => post(all[i]!))));
      };
      const decoding = async (): Promise<number> => {
        const all = bodies();
        return perSecond(
          await timed(() => {
            for (const bytes of all) decodeProtobuf(bytes);
            return Promise.resolve();
          }),
        );
      };
      const pairs = await paired(throughHttp, decoding, {
        rounds,
        warmUp: 4,
        onRound: (done, of) => progress(`round ${done} of ${of}`),
      });
      const each = (values: number[]): string => Math.round(median(values)).toLocaleString('en');
      return [{ value: pairs.ratio, measured: `${each(pairs.ours)} ÷ ${each(pairs.bare)} spans/s` }];
    } finally {
      await exporter.stop();
      await database.drop();
    }
  },
};
