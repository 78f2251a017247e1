/** `GET /jobs`: runs of the scheduled jobs, for annotations. Jobs run for all tenants, so every tenant sees the same. */
import { Type } from 'typebox';
import { AppError } from '../../errors.js';
import type { App, RouteContext } from '../../http/context.js';
import { readRoute } from '../../http/route-options.js';
import { Nullable, Strict, TimeText } from '../../schemas.js';
import { DAY, formatTime, parseDate, parseTime } from '../../time.js';

const MAX_RUNS = 1_000;
const DEFAULT_DAYS = 30;

const JobsQuery = Strict({
  from: Type.Optional(
    Type.String({ description: 'RFC 3339 time or date, included. Default: 30 days before `to`.' }),
  ),
  to: Type.Optional(
    Type.String({ description: 'RFC 3339 time, excluded, or date, included. Default: now.' }),
  ),
});
const Jobs = Strict({
  jobs: Type.Array(
    Strict({
      job: Type.String(),
      slot: TimeText('When it was due.'),
      startedAt: TimeText('When it began.'),
      finishedAt: Nullable(TimeText('When it ended; null while it runs.')),
      rows: Nullable(Type.Integer({ description: 'Rows written or removed.' })),
      error: Nullable(Type.String({ description: 'Why it failed.' })),
    }),
  ),
});

function instantOf(name: string, text: string, endOfDay: number): number {
  const date = parseDate(text);
  const instant = date === undefined ? parseTime(text) : date + endOfDay;
  if (instant !== undefined) return instant;
  throw new AppError('INVALID_DATE_RANGE', `${name} must be a date or an RFC 3339 time that exists`);
}

export default function routes(app: App, { services, now }: RouteContext): void {
  app.get(
    '/jobs',
    readRoute({
      summary: 'Runs of the scheduled jobs, newest first',
      tag: 'Operations',
      querystring: JobsQuery,
      answer: Jobs,
      errors: ['INVALID_DATE_RANGE'],
    }),
    async (request) => {
      const to = request.query.to === undefined ? now() : instantOf('to', request.query.to, DAY);
      const from =
        request.query.from === undefined ? to - DEFAULT_DAYS * DAY : instantOf('from', request.query.from, 0);
      if (from >= to) throw new AppError('INVALID_DATE_RANGE', 'from must lie before to');
      const runs = await request.reader.run(() => services.ledger.list(from, to, MAX_RUNS));
      return {
        jobs: runs.map((run) => ({
          job: run.job,
          slot: formatTime(run.slot.getTime()),
          startedAt: formatTime(run.startedAt.getTime()),
          finishedAt: run.finishedAt && formatTime(run.finishedAt.getTime()),
          rows: run.rows,
          // The message may name hosts and accounts, so it stays in the log of the service.
          error: run.error === null ? null : 'failed; the log of the service says why',
        })),
      };
    },
  );
}
