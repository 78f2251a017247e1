/** Budgets, and money held of them. */
import { Type } from 'typebox';
import {
  ALERT_TYPES,
  type AlertType,
  BUDGET_STATES,
  type BudgetInput,
  MAX_BUDGETS,
} from '../costs/budgets.js';
import { listNotifications, MARKS } from '../costs/notifications.js';
import { BUDGET_SCOPES, type BudgetScope } from '../costs/spend.js';
import { RESERVATION } from '../facts/reservation/columns.js';
import { orNull, sentProperties, shownProperties } from '../facts/wire.js';
import { NO_NUL, UUID_PATTERN } from '../ids.js';
import { type App, type RouteContext, tenantOf } from './context.js';
import { Usd } from './execution-schemas.js';
import { changeRoute, readRoute } from './guarded.js';
import { ERROR_CODE, Id, Nullable, Strict, TimeText } from './schemas.js';

const tag = 'Budgets';
const MAX_USD = 1_000_000_000_000;
const MAX_PERIOD_DAYS = 3_660;
const MAX_RECIPIENTS = 50;

const settings = {
  name: Nullable(Type.String({ minLength: 1, maxLength: 200, pattern: NO_NUL })),
  scope: Type.String({ enum: [...BUDGET_SCOPES], default: 'global', description: 'Whose spend counts.' }),
  scope_id: Nullable(
    Id('The user, agent or flow, known or not; left out or null where the scope is global.'),
  ),
  threshold_usd: Type.Number({ exclusiveMinimum: 0, maximum: MAX_USD, description: 'USD.' }),
  period_days: Type.Integer({
    minimum: 1,
    maximum: MAX_PERIOD_DAYS,
    default: 30,
    description: 'The period is the last so many times 24 hours.',
  }),
  alert_type: Type.String({
    enum: [...ALERT_TYPES],
    default: 'warning',
    description: '`hard_stop` also refuses reservations that would pass the threshold.',
  }),
  alert_at_percentage: Type.Number({
    exclusiveMinimum: 0,
    maximum: 100,
    default: 80,
    description: 'Of the threshold: notified at this mark, and again at 100.',
  }),
  is_active: Type.Boolean({ default: true, description: 'False: neither notifies nor refuses.' }),
  email_notification: Type.Boolean({ default: true }),
  recipients: Type.Array(Type.String({ format: 'email', maxLength: 254 }), {
    maxItems: MAX_RECIPIENTS,
    uniqueItems: true,
    default: [],
    description: 'Mail addresses.',
  }),
};

const optional = {
  name: Type.Optional(settings.name),
  scope: Type.Optional(settings.scope),
  scope_id: Type.Optional(settings.scope_id),
  period_days: Type.Optional(settings.period_days),
  alert_type: Type.Optional(settings.alert_type),
  alert_at_percentage: Type.Optional(settings.alert_at_percentage),
  is_active: Type.Optional(settings.is_active),
  email_notification: Type.Optional(settings.email_notification),
  recipients: Type.Optional(settings.recipients),
};
const NewBudget = Strict({ threshold_usd: settings.threshold_usd, ...optional });
const ChangedBudget = Strict({ threshold_usd: Type.Optional(settings.threshold_usd), ...optional });

const budget = {
  id: Type.String({ description: 'UUID.' }),
  ...settings,
  threshold_usd: Usd('More is not to be spent.'),
  current_spend_usd: Usd(
    'Spent within the period, unpriced executions with the estimates of their reservations.',
  ),
  reserved_usd: Usd('Held by open reservations.'),
  spend_percentage: Type.Number({ description: 'Of the threshold, beyond 100 where it is exceeded.' }),
  state: Type.String({
    enum: [...BUDGET_STATES],
    description: '`warning` from `alert_at_percentage` on, `exceeded` from 100 on.',
  }),
};
const BudgetAnswer = Strict(budget);
const BudgetDetail = Strict({
  ...budget,
  notifications: Type.Array(
    Strict({
      mark: Type.String({ enum: [...MARKS] }),
      raised_at: TimeText('When the spend was found to have reached the mark.'),
      cleared_at: Nullable(TimeText('When it had fallen below again, or the period was over.')),
      spend_usd: Usd('Spent when it was raised.'),
      sent_at: Nullable(TimeText('When the mail was taken by the mail server.')),
      last_error: Nullable(Type.String({ description: 'Why the mail was not sent, or not to all.' })),
    }),
    { description: 'The latest 20, the newest first.' },
  ),
});
const BudgetParams = Strict({
  id: Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'BUDGET_NOT_FOUND', description: 'The budget.' }),
});

const ReservationBody = Strict(sentProperties(RESERVATION, orNull));
const ReservationAnswer = Strict({
  ...shownProperties(RESERVATION),
  budgets: Type.Array(
    Strict({
      id: Type.String({ description: 'UUID.' }),
      name: settings.name,
      alert_type: settings.alert_type,
      threshold_usd: budget.threshold_usd,
      current_spend_usd: budget.current_spend_usd,
      reserved_usd: Usd('Held by open reservations, this one included.'),
    }),
    { description: 'The active budgets that are concerned.' },
  ),
});
const ReservationParams = Strict({
  id: Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'NOT_FOUND', description: 'The reservation.' }),
});
const Deleted = Type.Null({ description: 'Deleted.' });

export function budgetRoutes(app: App, context: RouteContext): void {
  const { pool, services } = context;
  const { budgets, reservations } = services;

  app.get(
    '/budgets',
    readRoute({
      summary: 'Budgets with spend and state of this moment, the oldest first',
      tag,
      answer: Strict({ budgets: Type.Array(BudgetAnswer) }),
    }),
    async (request) => ({ budgets: await budgets.list(tenantOf(request)) }),
  );

  app.post(
    '/budgets',
    changeRoute({
      summary: 'Makes a budget',
      description: `At most ${MAX_BUDGETS} a tenant.`,
      tag,
      body: NewBudget,
      answers: { 201: BudgetAnswer },
      errors: ['CONFLICT'],
    }),
    async (request, reply) => {
      const made = await budgets.create(tenantOf(request), inputOf(request.body));
      return reply.code(201).send(made);
    },
  );

  app.get(
    '/budgets/:id',
    readRoute({
      summary: 'One budget with its notifications',
      tag,
      params: BudgetParams,
      answer: BudgetDetail,
      errors: ['BUDGET_NOT_FOUND'],
    }),
    async (request) => {
      const tenant = tenantOf(request);
      const id = request.params.id.toLowerCase();
      const found = await budgets.get(tenant, id);
      return { ...found, notifications: await listNotifications(pool, tenant, id) };
    },
  );

  app.patch(
    '/budgets/:id',
    changeRoute({
      summary: 'Changes a budget',
      description: 'What is left out stays. Another scope needs its own scope_id.',
      tag,
      params: BudgetParams,
      body: ChangedBudget,
      answers: { 200: BudgetAnswer },
      errors: ['BUDGET_NOT_FOUND'],
    }),
    async (request) =>
      budgets.change(tenantOf(request), request.params.id.toLowerCase(), inputOf(request.body)),
  );

  app.delete(
    '/budgets/:id',
    changeRoute({
      summary: 'Deletes a budget with its notifications',
      tag,
      params: BudgetParams,
      answers: { 204: Deleted },
      errors: ['BUDGET_NOT_FOUND'],
    }),
    async (request, reply) => {
      await budgets.delete(tenantOf(request), request.params.id.toLowerCase());
      return reply.code(204).send(null);
    },
  );

  const reserving = changeRoute({
    summary: 'Holds money of the budgets for an execution to come',
    description:
      'Until the execution with this `reservation_id` arrives finished, the reservation is deleted, or its time is up. ' +
      'Callers wait in turn: of any number at once those that fit pass, and no more. A 503 whose details have a ' +
      '`reservation_id` says that the database went away before it had confirmed that one: it may hold the money until ' +
      'its `expires_at`, or until it is deleted. After any other 503 nothing is held.',
    tag,
    scope: 'analytics:write',
    body: ReservationBody,
    answers: { 201: ReservationAnswer },
    errors: ['BUDGET_EXCEEDED'],
  });
  app.post(
    '/budgets/reservations',
    { ...reserving, config: { ...reserving.config, queued: true } },
    async (request, reply) => {
      const made = await reservations.reserve(tenantOf(request), request.body);
      return reply.code(201).send(made);
    },
  );

  app.delete(
    '/budgets/reservations/:id',
    changeRoute({
      summary: 'Gives back what a reservation holds',
      description: 'One that its execution has settled holds nothing any more.',
      tag,
      scope: 'analytics:write',
      params: ReservationParams,
      answers: { 204: Deleted },
      errors: ['NOT_FOUND'],
    }),
    async (request, reply) => {
      await reservations.release(tenantOf(request), request.params.id.toLowerCase());
      return reply.code(204).send(null);
    },
  );
}

/** What the schema has checked, with the types that its enums stand for. */
function inputOf<T extends { scope?: string; alert_type?: string }>(
  body: T,
): Omit<T, 'scope' | 'alert_type'> & Pick<BudgetInput, 'scope' | 'alert_type'> {
  return {
    ...body,
    scope: body.scope as BudgetScope | undefined,
    alert_type: body.alert_type as AlertType | undefined,
  };
}
