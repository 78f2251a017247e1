/** `/budgets/reservations`: money held of the budgets for an execution to come. */
import { Type } from 'typebox';
import { RESERVATION } from '../../../facts/reservation/columns.js';
import { orNull, sentProperties, shownProperties } from '../../../facts/wire.js';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { writeRoute } from '../../../http/route-options.js';
import { UUID_PATTERN } from '../../../ids.js';
import { ERROR_CODE, Strict, Usd } from '../../../schemas.js';
import { alertType, budgetId, budgetName, currentSpend, threshold } from '../../shared/budgets.js';
import { Deleted } from '../../shared/deleted.js';

const ReservationBody = Strict(sentProperties(RESERVATION, orNull));
const Reservation = Strict({
  ...shownProperties(RESERVATION),
  budgets: Type.Array(
    Strict({
      id: budgetId,
      name: budgetName,
      alert_type: alertType,
      threshold_usd: threshold,
      current_spend_usd: currentSpend,
      reserved_usd: Usd('Held by open reservations, including this one.'),
    }),
    { description: 'The active budgets that apply.' },
  ),
});
const ReservationParams = Strict({
  id: Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'NOT_FOUND', description: 'The reservation.' }),
});

export default function routes(app: App, { services: { reservations } }: RouteContext): void {
  app.post(
    '/budgets/reservations',
    writeRoute({
      summary: 'Reserves budget for an execution',
      description:
        'The amount is held until the finished execution with this `reservation_id` arrives, the reservation is deleted, or it ' +
        'expires. Concurrent callers are queued, and only those that fit succeed. If the details of a 503 have a ' +
        '`reservation_id`, the database did not confirm that reservation: it may exist until its `expires_at`, or until it is ' +
        'deleted. After any other 503 nothing is reserved.',
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
      summary: 'Releases a reservation',
      description: 'A reservation that its execution has settled no longer holds anything.',
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
