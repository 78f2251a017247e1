/** The Fastify instance: its limits, request ids and body parsers. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import { uuidv7 } from '../ids.js';
import { type JsonLimits, scanJson } from '../json.js';
import { buildSerializer } from './serialization.js';
import type { Authenticate } from './authentication.js';
import type { App } from './context.js';
import { handleClientError, handleError } from './error-handler.js';

const DEFAULT_BODY_BYTES = 1024 * 1024;
/** A client that sends its request more slowly gets a 408, so that it cannot hold a connection forever. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than any answer takes. A client that does not read its answer for this long is disconnected. */
const IDLE_CONNECTION_MS = 120_000;
const MAX_PARAM_LENGTH = 512;
/** More than the largest valid request has: 1,000 executions with all of their steps, token usages and tags. */
export const JSON_LIMITS: JsonLimits = { depth: 64, containers: 250_000, values: 2_000_000 };
const REQUEST_ID = /^[\w.:-]{1,128}$/;

export interface ServerOptions {
  config: Pick<Config, 'trustProxy'>;
  logger: FastifyBaseLogger;
  authenticate: Authenticate;
}

export function createServer({ config, logger, authenticate }: ServerOptions): App {
  const app: App = fastify({
    loggerInstance: logger,
    // Fastify logs two lines per request; observation logs one.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : uuidv7();
    },
    trustProxy: config.trustProxy ?? false,
    // Node would answer a request without Host with an empty body; requireHost answers it instead.
    http: { requireHostHeader: false },
    schemaController: { compilersFactory: { buildSerializer } },
    bodyLimit: DEFAULT_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: IDLE_CONNECTION_MS,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // No hook runs for a path that cannot be decoded, so authentication is called here. Without a valid token, a client
    // must not learn whether a path is valid.
    frameworkErrors: (error, request, reply) =>
      void authenticate(request).then(
        () => handleError(error, request, reply),
        (refusal: FastifyError) => handleError(refusal, request, reply),
      ),
    clientErrorHandler: handleClientError,
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setErrorHandler(handleError);
  app.addHook('onRequest', requireHost);
  // Node would answer an unknown expectation with an empty 417. A server may ignore it (RFC 9110, 10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  parseJsonOnly(app);
  return app;
}

function requireHost(request: FastifyRequest, _reply: unknown, done: (error?: Error) => void): void {
  const { headers, httpVersion } = request.raw;
  const isMissing = headers.host === undefined && httpVersion === '1.1';
  done(isMissing ? new AppError('VALIDATION_ERROR', 'the header Host is required') : undefined);
}

function parseJsonOnly(app: App): void {
  // Fastify's parser for text/plain would accept any text as a body.
  app.removeContentTypeParser('text/plain');
  // It refuses names of the prototype, and looks for them in the whole body.
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, parsed) => {
    const { problem, mayNamePrototype } = scanJson(body, JSON_LIMITS);
    // Many clients send the JSON content type with every request, including a DELETE without a body.
    if (body.length === 0 && request.method === 'DELETE') parsed(null);
    else if (problem !== undefined) {
      const code = problem.isDepth ? 'VALIDATION_ERROR' : 'PAYLOAD_TOO_LARGE';
      parsed(new AppError(code, `the body is refused: ${problem.message}`));
    } else if (mayNamePrototype) void parseJson(request, body.toString(), parsed);
    else {
      const text = body.toString();
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        // For its error.
        void parseJson(request, text, parsed);
        return;
      }
      parsed(null, value);
    }
  });
}
