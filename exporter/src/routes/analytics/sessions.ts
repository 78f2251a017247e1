/** `GET /sessions`: the sessions of a period, page by page. */
import { Type } from 'typebox';
import {
  BOUNDS,
  MAX_FLOW,
  maxExecutions,
  MORE,
  SESSION_STATUSES,
  type SessionStatus,
} from '../../facts/session/session.js';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { readRoute } from '../../http/route-options.js';
import { listSessions } from '../../query/sessions/list.js';
import { Count, Id, Nullable, Strict, Text, TimeText, Usd } from '../../schemas.js';
import { sessionParameters, sessionRequest, SESSIONS_TAG } from '../shared/sessions.js';
import { Cursor, NextPage } from '../shared/cursors.js';

const PERIOD = '30d';
const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;

const Status = (description: string) =>
  Type.Unsafe<SessionStatus>(Type.String({ enum: [...SESSION_STATUSES], description }));

const Sessions = Strict({
  sessions: Type.Array(
    Strict({
      session_id: Id('The session.'),
      started_at: TimeText('Start of its first execution.'),
      ended_at: Nullable(TimeText('Last end of an execution; null while it is active.')),
      duration_sec: Type.Number({ description: 'From its first start to its last end so far.' }),
      executions: Count('Executions, nested ones included.'),
      steps: Count('Steps of all of them.'),
      agents: Type.Array(Type.String(), {
        description: `Ids of its agents in the order in which they first ran, at most ${BOUNDS.agents}.`,
      }),
      agent_names: Type.Array(Type.String(), {
        description: 'Their names in the same order; the id of one without.',
      }),
      user_id: Text,
      environment: Text,
      status: Status('`completed`: it has ended, and its last top-level execution succeeded.'),
      total_tokens: Count('Input and output.'),
      total_cost: Nullable(Usd('Without unpriced executions; null if none has a price.')),
      unpriced_executions: Count('Executions without a known cost.'),
      flow: Type.Array(Type.String(), {
        description: `Its steps: a tool call by its tool, another by its type, equal neighbours as one. After ${MAX_FLOW} steps it is cut and ends with \`${MORE}\`.`,
      }),
      truncated: Type.Optional(
        Type.Literal(true, {
          description: `The session has at least ${maxExecutions(BOUNDS)} executions, and only so many count. Left out otherwise.`,
        }),
      ),
    }),
  ),
  next_cursor: NextPage,
});

export default function routes(app: App, context: RouteContext): void {
  app.get(
    '/sessions',
    readRoute({
      summary: 'Sessions, page by page',
      description: 'The latest first.',
      tag: SESSIONS_TAG,
      querystring: Strict({
        ...sessionParameters(PERIOD),
        user_id: Type.Optional(Id('Only of this user.')),
        status: Type.Optional(Status('Only in this state now.')),
        limit: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: MAX_LIMIT,
            default: DEFAULT_LIMIT,
            description: 'Sessions per page.',
          }),
        ),
        cursor: Cursor,
      }),
      answer: Sessions,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request) => {
      const { user_id: userId, status, cursor, limit = DEFAULT_LIMIT } = request.query;
      const { request: wanted } = sessionRequest(context, request.query, PERIOD);
      return listSessions(request.reader, tenantOf(request), { ...wanted, userId, status, limit, cursor });
    },
  );
}
