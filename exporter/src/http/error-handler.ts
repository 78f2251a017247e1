/** Turns any thrown value into an error response of the catalogue. Only the message of an AppError reaches the client. */
import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { isPoolExhausted, isStatementTimeout, isUnavailable } from '../db/pool.js';
import { AppError, type ErrorCode, messageOf, RETRY_AFTER } from '../errors.js';
import { MAX_DISCARDED_BYTES } from './admission.js';
import { validationError } from './validation.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The content types that the route accepts, for error messages. Default: JSON. */
    accepts?: string;
  }
}

const BY_STATUS: Record<number, ErrorCode> = {
  400: 'VALIDATION_ERROR',
  404: 'NOT_FOUND',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  503: 'UNAVAILABLE',
};

/** An error that names what the client sent, if Fastify's own message does not. */
function detailedError(
  { code }: FastifyError,
  { routeOptions, headers }: FastifyRequest,
): AppError | undefined {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new AppError(
        'PAYLOAD_TOO_LARGE',
        `the body is larger than ${(routeOptions.bodyLimit ?? 0) / 1024 / 1024} MiB after decompression; split it`,
      );
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': {
      const sent = headers['content-type']?.slice(0, 64);
      const { accepts = 'application/json' } = routeOptions.config;
      const what = sent === undefined ? 'a missing Content-Type' : `Content-Type ${sent}`;
      return new AppError('UNSUPPORTED_MEDIA_TYPE', `${what} is not accepted; send ${accepts}`);
    }
    default:
      return undefined;
  }
}

const READ_TOO_LONG =
  'the read took too long and was cancelled; narrow its range, filter more, or group by fewer dimensions';

function appErrorOf(error: FastifyError | AppError, request: FastifyRequest): AppError {
  if (error instanceof AppError) return error;
  if (error.validation !== undefined) return validationError(error);
  if (isPoolExhausted(error)) {
    return new AppError('UNAVAILABLE', 'no connection to the database became free in time; try again', {
      retryAfter: RETRY_AFTER.overload,
      cause: error,
    });
  }
  if (isUnavailable(error)) {
    return new AppError('UNAVAILABLE', 'the database is unreachable; try again', {
      retryAfter: RETRY_AFTER.failure,
      cause: error,
    });
  }
  if (isStatementTimeout(error)) {
    const isRead = request.routeOptions.config.scope === 'analytics:read';
    return new AppError('UNAVAILABLE', isRead ? READ_TOO_LONG : 'the database took too long; try again', {
      retryAfter: RETRY_AFTER.failure,
      cause: error,
    });
  }
  const detailed = detailedError(error, request);
  if (detailed !== undefined) return detailed;
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500)
    return new AppError(BY_STATUS[status] ?? 'VALIDATION_ERROR', error.message);
  if (status === 503)
    return new AppError('UNAVAILABLE', 'the service is shutting down or overloaded; try again', {
      retryAfter: RETRY_AFTER.failure,
    });
  return new AppError('INTERNAL_ERROR', "internal error; see the service's log for this x-request-id", {
    cause: error,
  });
}

export function handleError(thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const error = appErrorOf(thrown, request);
  if (error.statusCode >= 500) {
    // Only the message and the stack are logged, because an error object may contain connection parameters.
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
  if (error.statusCode === 401 || error.statusCode === 403) request.refusal = error.message;
  keepReading(error, request, reply);
  // No hook has run for a path that cannot be decoded.
  reply.header('x-request-id', request.id);
  if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter);
  if (error.statusCode === 401) reply.header('www-authenticate', 'Bearer');
  void reply
    .code(error.statusCode)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(error.toBody());
}

/**
 * Fastify closes the connection of a client that is still sending, which then sees a broken pipe instead of the
 * response. If the connection is kept open, the rest of the body is read and discarded until the request timeout.
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

/** Errors of Node's HTTP parser, with their HTTP status. */
const PARSER_ERRORS: Record<string, { status: number; code: ErrorCode; message: string }> = {
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

/** Sends an error response on a connection whose request could not be parsed. */
export function handleClientError({ code }: ConnectionError, socket: Socket): void {
  if (code !== 'ECONNRESET' && socket.writable) {
    const { status, ...body } = PARSER_ERRORS[code] ?? NOT_HTTP;
    const text = JSON.stringify(body);
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n` +
        `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  }
  socket.destroy();
}
