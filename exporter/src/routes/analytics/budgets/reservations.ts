/** `/budgets/reservations`: money held of the budgets for an execution to come. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { writeRoute } from '../../../http/route-options.js';
import { UUID_PATTERN } from '../../../ids.js';
import { ERROR_CODE, Id, Nullable, Strict, TimeText, Usd } from '../../../schemas.js';
import { alertType, budgetId, budgetName, currentSpend, MAX_USD, threshold } from '../../shared/budgets.js';
import { Deleted } from '../../shared/deleted.js';

const who = (description: string) => Type.Optional(Nullable(Id(description)));
const ReservationBody = Strict({
  agent_id: who('Whose budgets are concerned, beside the global ones.'),
  user_id: who('The same, of a user.'),
  flow_id: who('The same, of a flow.'),
  estimated_cost_usd: Type.Number({ minimum: 0, maximum: MAX_USD, description: 'USD.' }),
  ttl_seconds: Type.Optional(
    Type.Integer({ minimum: 60, maximum: 86_400, default: 900, description: 'Then it ends by itself.' }),
  ),
});
const Reservation = Strict({
  id: Type.String({ description: 'UUID, for `reservation_id` of the execution.' }),
  expires_at: TimeText('When it ends by itself.'),
  budgets: Type.Array(
    Strict({
      id: budgetId,
      name: budgetName,
      alert_type: alertType,
      threshold_usd: threshold,
      current_spend_usd: currentSpend,
      reserved_usd: Usd('Held by open reservations, this one included.'),
    }),
    { description: 'The active budgets that are concerned.' },
  ),
});
const ReservationParams = Strict({
  id: Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'NOT_FOUND', description: 'The reservation.' }),
});

export default function routes(app: App, { services: { reservations } }: RouteContext): void {
  app.post(
    '/budgets/reservations',
    writeRoute({
      summary: 'Holds money of the budgets for an execution to come',
      description:
        'Until the execution with this `reservation_id` arrives finished, the reservation is deleted, or its time is up. ' +
        'Callers wait in turn: of any number at once those that fit pass, and no more. A 503 whose details have a ' +
        '`reservation_id` says that the database went away before it had confirmed that one: it may hold the money until ' +
        'its `expires_at`, or until it is deleted. After any other 503 nothing is held.',
      tag: 'Budgets',
      body: ReservationBody,
      answers: { 201: Reservation },
      errors: ['BUDGET_EXCEEDED'],
      config: { queued: true },
    }),
    async (request, reply) => {
      const made = await reservations.reserve(tenantOf(request), request.body);
      reply.code(201);
      return made;
    },
  );

  app.delete(
    '/budgets/reservations/:id',
    writeRoute({
      summary: 'Gives back what a reservation holds',
      description: 'One that its execution has settled holds nothing any more.',
      tag: 'Budgets',
      params: ReservationParams,
      answers: { 204: Deleted },
      errors: ['NOT_FOUND'],
    }),
    async (request, reply) => {
      await reservations.release(tenantOf(request), request.params.id.toLowerCase());
      reply.code(204);
      return null;
    },
  );
}
