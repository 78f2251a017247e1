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
      reserved_usd: Usd('Held by open reservations, this one included.'),
    }),
    { description: 'The active budgets that are concerned.' },
  ),
});
const ReservationParams = Strict({
  id: Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'NOT_FOUND', description: 'The reservation.' }),
});

export default function routes(app: App, { services: { reservations } }: RouteContext): void {
  const reserving = writeRoute({
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
  });
  app.post(
    '/budgets/reservations',
    { ...reserving, config: { ...reserving.config, queued: true } },
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
