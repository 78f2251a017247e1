/** Whatever is thrown, as an answer of the catalogue. Only an AppError's own words reach the client. */
import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { isStatementTimeout, isUnavailable } from '../db/pool.js';
import { AppError, type ErrorCode, messageOf } from '../errors.js';
import { validationError } from './validation.js';

/** Seconds after which a client may try again when the database is away. */
const RETRY_AFTER = 5;
/** Of a body that is refused for its length, so much is read and thrown away; of a longer one the client may see no answer. */
const MAX_DISCARDED_BYTES = 256 * 1024 * 1024;

const BY_STATUS: Record<number, ErrorCode> = {
  400: 'VALIDATION_ERROR',
  404: 'NOT_FOUND',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  503: 'UNAVAILABLE',
};

/** In words of what the client sent where the framework's own say less. */
function wordsFor({ code }: FastifyError, { routeOptions, headers }: FastifyRequest): AppError | undefined {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new AppError(
        'PAYLOAD_TOO_LARGE',
        `the body is larger than ${(routeOptions.bodyLimit ?? 0) / 1024 / 1024} MiB, unpacked; send it in parts`,
      );
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': {
      const sent = headers['content-type']?.slice(0, 64);
      const { accepts = 'application/json' } = routeOptions.config;
      const what = sent === undefined ? 'a missing Content-Type' : `Content-Type ${sent}`;
      return new AppError('UNSUPPORTED_MEDIA_TYPE', `${what} is not accepted here; ${accepts} is`);
    }
    default:
      return undefined;
  }
}

function appErrorOf(error: FastifyError | AppError, request: FastifyRequest): AppError {
  if (error instanceof AppError) return error;
  if (error.validation !== undefined) return validationError(error);
  if (isUnavailable(error)) {
    return new AppError('UNAVAILABLE', 'the database is away; try again', {
      retryAfter: RETRY_AFTER,
      cause: error,
    });
  }
  if (isStatementTimeout(error)) {
    return new AppError('UNAVAILABLE', 'the database took too long; try again, or ask for less', {
      retryAfter: RETRY_AFTER,
      cause: error,
    });
  }
  const told = wordsFor(error, request);
  if (told !== undefined) return told;
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500)
    return new AppError(BY_STATUS[status] ?? 'VALIDATION_ERROR', error.message);
  if (status === 503)
    return new AppError('UNAVAILABLE', 'the service is closing or overloaded; try again', {
      retryAfter: RETRY_AFTER,
    });
  return new AppError('INTERNAL_ERROR', 'an error of the service; its log has more under this x-request-id', {
    cause: error,
  });
}

export function handleError(thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const error = appErrorOf(thrown, request);
  if (error.statusCode >= 500) {
    // The cause is told apart by its message: an error object may carry a connection's parameters.
    const cause = error.cause as Error | undefined;
    const level = error.statusCode === 500 ? 'error' : 'warn';
    request.log[level](
      {
        code: error.code,
        cause: cause && messageOf(cause),
        stack: level === 'error' ? cause?.stack : undefined,
      },
      error.message,
    );
  }
  keepReading(error, request, reply);
  // A request that the router could not read has met no hook.
  reply.header('x-request-id', request.id);
  if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter);
  if (error.statusCode === 401) reply.header('www-authenticate', 'Bearer');
  void reply
    .code(error.statusCode)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(error.toBody());
}

export function noRoute({ method, url }: FastifyRequest): AppError {
  return new AppError('NOT_FOUND', `there is no route ${method} ${url.split('?')[0]?.slice(0, 200) ?? ''}`);
}

/**
 * The framework closes the connection under a client that is still sending, which then sees a broken pipe instead of the
 * answer. Left open, the rest of the body is read and thrown away, for as long as a request may take.
 */
function keepReading(
  { code }: AppError,
  { headers, routeOptions, heldBody }: FastifyRequest,
  reply: FastifyReply,
): void {
  const length = Number(headers['content-length']);
  const isUnread =
    code === 'PAYLOAD_TOO_LARGE' &&
    length > (routeOptions.bodyLimit ?? Infinity) &&
    length <= MAX_DISCARDED_BYTES;
  if (isUnread || heldBody?.refused === true) reply.removeHeader('connection');
}

/** What Node's HTTP parser refuses, with the status that HTTP has for it. */
const REFUSED_BY_PARSER: Record<string, { status: number; code: ErrorCode; message: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'PAYLOAD_TOO_LARGE',
    message: `the headers are larger than ${maxHeaderSize / 1024} KiB`,
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'VALIDATION_ERROR',
    message: 'the request took too long to arrive',
  },
};
const NOT_HTTP = {
  status: 400,
  code: 'VALIDATION_ERROR',
  message: 'the request is not valid HTTP/1.1',
} as const;

/** For a connection on which no request could be read. */
export function handleClientError({ code }: ConnectionError, socket: Socket): void {
  if (code !== 'ECONNRESET' && socket.writable) {
    const { status, ...body } = REFUSED_BY_PARSER[code] ?? NOT_HTTP;
    const text = JSON.stringify(body);
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n` +
        `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  }
  socket.destroy();
}
