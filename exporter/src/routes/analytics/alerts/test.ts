/** `POST /alerts/{id}/test`: what an alert would do now. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { readRoute } from '../../../http/route-options.js';
import { Nullable, Strict, TimeText } from '../../../schemas.js';
import { formatTime } from '../../../time.js';
import { AlertParams, alertState, instances, instanceView, samples, value } from '../../shared/alerts.js';

export default function routes(app: App, { services: { alerts } }: RouteContext): void {
  app.post(
    '/alerts/:id/test',
    readRoute({
      summary: 'Evaluates an alert now',
      description: 'Sends nothing and changes nothing, also if the alert is inactive.',
      tag: 'Alerts',
      params: AlertParams,
      answer: Strict({
        id: Type.String(),
        name: Type.String(),
        from: TimeText('Start of the window.'),
        to: TimeText('End of the window, the start of the current minute or hour.'),
        state: alertState,
        value,
        samples,
        error: Nullable(Type.String({ description: 'What was left out.' })),
        message: Nullable(
          Strict(
            { title: Type.String(), summary: Type.String() },
            {
              description: 'What would be sent of the most relevant group if it fired.',
            },
          ),
        ),
        instances,
      }),
      errors: ['NOT_FOUND'],
    }),
    async (request) => {
      const trial = await alerts.try(request.reader, tenantOf(request), request.params.id.toLowerCase());
      const { rule, message, from, to, instances: found, ...rest } = trial;
      return {
        id: rule.id,
        name: rule.settings.name,
        from: formatTime(from),
        to: formatTime(to),
        ...rest,
        message: message && { title: message.title, summary: message.summary },
        instances: found.map(instanceView),
      };
    },
  );
}
