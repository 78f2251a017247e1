/** `GET /health/ready`: whether the service can do its work, by the state of the database and its schema. */
import { Type } from 'typebox';
import { type SchemaStatus, schemaStatus } from '../../db/migrate.js';
import { RETRY_AFTER } from '../../errors.js';
import type { App, RouteContext } from '../../http/context.js';
import { openRoute } from '../../http/route-options.js';
import { Recent } from '../../queues/recent.js';
import { Nullable, Strict } from '../../schemas.js';

/** How old an answer may be. */
export const MAX_AGE_MS = 1_000;

const Ready = Strict({
  status: Type.String({ enum: ['ready', 'migrating', 'unavailable'] }),
  database: Type.String({ enum: ['up', 'down'] }),
  schema: Nullable(Strict({ current: Type.Integer(), expected: Type.Integer() })),
});

export default function routes(app: App, { pool, migrationsDir, ready }: RouteContext): void {
  /** The last problem that was logged: probes ask often, so each problem is logged once. */
  let logged: string | undefined;
  // The route is open: however many ask, the database is asked once.
  const status = new Recent(
    () => schemaStatus(pool, { dir: migrationsDir }).catch(() => undefined),
    MAX_AGE_MS,
  );
  app.get(
    '/health/ready',
    openRoute({
      summary: 'Whether the database and its schema are ready',
      tag: 'Operations',
      answers: { 200: Ready, 503: Ready },
    }),
    async (request, reply) => {
      const schema = await status.get();
      if (schema === undefined) {
        reply.code(503).header('retry-after', RETRY_AFTER.failure);
        return { status: 'unavailable', database: 'down', schema: null };
      }
      const problem = problemOf(schema);
      if (problem !== undefined && problem !== logged) request.log.warn({}, problem);
      logged = problem;
      const state = statusOf(schema, ready());
      reply.code(state === 'ready' ? 200 : 503);
      const { current, expected } = schema;
      return { status: state, database: 'up', schema: { current, expected } };
    },
  );
}

/**
 * A running replica stays ready when a newer release migrates the schema during an update, because migrations only add.
 * Before its start it is unavailable: its own migrate refuses such a database.
 */
function statusOf(
  { current, expected, pending, conflict }: SchemaStatus,
  started: boolean,
): 'ready' | 'migrating' | 'unavailable' {
  if (conflict !== undefined || (current > expected && !started)) return 'unavailable';
  return started && pending.length === 0 ? 'ready' : 'migrating';
}

function problemOf({ current, expected, conflict }: SchemaStatus): string | undefined {
  if (conflict !== undefined || current <= expected) return conflict;
  return `the schema is of a newer release: version ${current}, this release knows ${expected}`;
}
