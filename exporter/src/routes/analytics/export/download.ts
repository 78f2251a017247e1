/** `GET /export/{id}/download`: the file of an export, by its signed link. */
import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { contentTypeOf, fileNameOf } from '../../../exports/content.js';
import { FORMATS } from '../../../exports/formats.js';
import type { App, RouteContext } from '../../../http/context.js';
import { errorResponses } from '../../../http/error-responses.js';
import { ID_PATTERN } from '../../../ids.js';
import { ERROR_CODE, Strict } from '../../../schemas.js';
import { ExportParams, EXPORTS_TAG } from '../../shared/exports.js';

const FILE: object = {
  description: 'The file.',
  content: Object.fromEntries(
    [...Object.values(FORMATS).map(({ type }) => type.split(';')[0]!), 'application/zip'].map((type) => [
      type,
      { schema: { type: 'string', format: 'binary' } },
    ]),
  ),
};

/** A link that is damaged is one that was not signed. */
const refusal = { [ERROR_CODE]: 'FORBIDDEN' };
const LinkQuery = Strict(
  {
    tenant: Type.String({ pattern: ID_PATTERN, description: 'The tenant of the export.', ...refusal }),
    expires: Type.String({
      pattern: '^\\d{1,12}$',
      description: 'When the link ends, Unix seconds.',
      ...refusal,
    }),
    signature: Type.String({ maxLength: 100, description: 'Of id, tenant and end.', ...refusal }),
  },
  refusal,
);

export default function routes(app: App, { services: { exports }, streams }: RouteContext): void {
  app.get(
    '/export/:id/download',
    {
      schema: {
        summary: 'Downloads the file of an export',
        description:
          'Takes no token: the link is signed. It is the `download_url` of the export, and works in every replica until ' +
          '`expires_at`.',
        tags: [EXPORTS_TAG],
        params: ExportParams,
        querystring: LinkQuery,
        response: {
          200: FILE,
          ...errorResponses(
            ...(['VALIDATION_ERROR', 'FORBIDDEN', 'NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'] as const),
          ),
        },
      },
    },
    async (request, reply) => {
      const { tenant: tenantId, expires, signature } = request.query;
      const link = { id: request.params.id.toLowerCase(), tenantId, expires: Number(expires), signature };
      const { job, file } = await exports.download(link);
      void reply
        .type(contentTypeOf(job.request))
        .header('content-disposition', `attachment; filename="${fileNameOf(job.request)}"`)
        .header('content-length', file.bytes)
        .header('cache-control', 'private, no-store')
        // The schema describes a string, for the document; the stream is sent as it is.
        .serializer((payload: unknown) => payload as string);
      if (request.method === 'HEAD') return Readable.from([]) as unknown as string;
      const end = streams.begin(tenantId);
      const content = await file.open().catch((error: unknown) => {
        end();
        throw error;
      });
      return streams.open(content, reply, end) as unknown as string;
    },
  );
}
