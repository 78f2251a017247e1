/** gzip, in both directions. */
import compress from '@fastify/compress';
import plugin from 'fastify-plugin';
import { AppError } from '../errors.js';

/** Text, JSON and NDJSON. */
const COMPRESSIBLE = /^text\/(?!event-stream)|[/+-](json|ndjson|xml|javascript)(;|$)/;

export const compression = plugin(
  async (app) => {
    // Names of content codings are case-insensitive, and `x-gzip` is an alias of gzip.
    app.addHook('onRequest', ({ headers }, _reply, done) => {
      const encoding = headers['content-encoding']?.toLowerCase();
      if (encoding !== undefined) headers['content-encoding'] = encoding === 'x-gzip' ? 'gzip' : encoding;
      done();
    });
    await app.register(compress, {
      encodings: ['gzip'],
      customTypes: COMPRESSIBLE,
      requestEncodings: ['gzip', 'identity'],
      onUnsupportedRequestEncoding: (encoding) =>
        new AppError('UNSUPPORTED_MEDIA_TYPE', `unsupported Content-Encoding ${encoding}; use gzip`),
      onInvalidRequestPayload: (encoding) => {
        const message = `Content-Encoding is ${encoding}, but the body is not valid ${encoding}`;
        // The plugin copies enumerable properties onto zlib's error. The message of an error is not enumerable.
        return { ...new AppError('VALIDATION_ERROR', message), message };
      },
    });
  },
  { name: 'compression' },
);
