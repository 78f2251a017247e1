/** `GET /sessions/funnel`: how many sessions did some steps one after the other. */
import { Type } from 'typebox';
import { BOUNDS } from '../../../facts/session/session.js';
import { word } from '../../../facts/types.js';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { readRoute } from '../../../http/route-options.js';
import { periodAnswer } from '../../../query/executions/period.js';
import { FUNNEL_BOUNDS, funnelSteps, sessionFunnel } from '../../../query/sessions/funnel.js';
import { Count, Milliseconds, Percent, Strict } from '../../../schemas.js';
import { ExecutionPeriodSchema } from '../../shared/executions.js';
import { sessionParameters, sessionRequest, SESSIONS_TAG } from '../../shared/sessions.js';

const PERIOD = '30d';
/** Of the texts that are sent; how many steps they name is checked after. */
const MAX_TEXT = 4_096;
const MAX_TEXTS = 100;

const Funnel = Strict({
  period: ExecutionPeriodSchema,
  steps: Type.Array(
    Strict({
      step: Type.String(),
      sessions: Count('Sessions that did it after the steps before it.'),
      conversion_rate: Percent('Share of the sessions of the first step.'),
      from_previous_rate: Percent('Share of the sessions of the step before.'),
      median_ms_from_previous: Milliseconds('Median time since the step before.'),
    }),
  ),
});

export default function routes(app: App, context: RouteContext): void {
  app.get(
    '/sessions/funnel',
    readRoute({
      summary: 'A funnel of steps',
      description:
        'Sessions that did the first step, those of them that did the second one later, and so on; other steps may lie between. ' +
        `Equal steps in a row are one. The first ${BOUNDS.path} steps of a session are looked at; with \`agent_id\`, those of that agent. ` +
        `Of more than ${FUNNEL_BOUNDS.sessions} sessions, those with flows that are kept are counted; medians and the other sessions are estimated by a sample.`,
      tag: SESSIONS_TAG,
      querystring: Strict({
        ...sessionParameters(PERIOD),
        steps: Type.Unsafe<string[]>(
          Type.Array(Type.Unsafe<string>({ ...word.sent, maxLength: MAX_TEXT }), {
            minItems: 1,
            maxItems: MAX_TEXTS,
            description:
              '2 to 10 steps, separated by commas: tools by their name, others by their type. Repeat the parameter for names with a comma.',
          }),
        ),
      }),
      answer: Funnel,
      errors: ['INVALID_DATE_RANGE'],
    }),
    async (request) => {
      const { period, request: wanted } = sessionRequest(context, request.query, PERIOD);
      const steps = funnelSteps(request.query.steps);
      return {
        period: periodAnswer(period),
        ...(await sessionFunnel(request.reader, tenantOf(request), { ...wanted, steps })),
      };
    },
  );
}
