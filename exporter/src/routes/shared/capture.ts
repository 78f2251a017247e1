/** The header by which a sender asks to keep less content than the service does. */
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type Capture, CAPTURES } from '../../config.js';

const NAME = 'x-capture-content';

export const CaptureHeader = Type.Object({
  [NAME]: Type.Optional(
    Type.String({
      enum: [...CAPTURES],
      description:
        'What may be kept of the content: `full`; `preview`, without the contents of steps; `none`. It never keeps more than ' +
        'CAPTURE_CONTENT does.',
    }),
  ),
});

/** What the header allows; the schema has checked it. */
export const allowedBy = ({ headers }: FastifyRequest): Capture | undefined =>
  headers[NAME] as Capture | undefined;
