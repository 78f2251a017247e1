/** `/budgets`: budgets with their spend, their state and their notifications. */
import { Type } from 'typebox';
import { type AlertType, BUDGET_STATES, type BudgetInput } from '../../costs/budget.js';
import { MAX_BUDGETS } from '../../costs/budgets.js';
import { listNotifications, MARKS } from '../../costs/notifications.js';
import { BUDGET_SCOPES, type BudgetScope } from '../../costs/spend.js';
import { type App, authorOf, type RouteContext, tenantOf } from '../../http/context.js';
import { adminRoute, readRoute } from '../../http/route-options.js';
import { ID_PATTERN, UUID_PATTERN } from '../../ids.js';
import { MAX_CHANNELS } from '../../outbox/channels/channels.js';
import { ERROR_CODE, Id, Nullable, Strict, TimeText, Usd } from '../../schemas.js';
import { alertType, budgetId, budgetName, currentSpend, MAX_USD, threshold } from '../shared/budgets.js';
import { Deleted } from '../shared/deleted.js';

const tag = 'Budgets';
const MAX_PERIOD_DAYS = 3_660;
const MAX_RECIPIENTS = 50;

const settings = {
  name: budgetName,
  scope: Type.String({ enum: [...BUDGET_SCOPES], default: 'global', description: 'Whose spend counts.' }),
  scope_id: Nullable(
    Id('The user, agent or flow, which need not exist yet. Null or left out if the scope is global.'),
  ),
  threshold_usd: Type.Number({ exclusiveMinimum: 0, maximum: MAX_USD, description: 'USD.' }),
  period_days: Type.Integer({
    minimum: 1,
    maximum: MAX_PERIOD_DAYS,
    default: 30,
    description: 'Length of the period in days of 24 hours. The period ends now.',
  }),
  alert_type: alertType,
  alert_at_percentage: Type.Number({
    exclusiveMinimum: 0,
    maximum: 100,
    default: 80,
    description: 'Percent of the threshold at which a notification is sent. Another one is sent at 100.',
  }),
  is_active: Type.Boolean({ default: true, description: 'An inactive budget neither notifies nor refuses.' }),
  email_notification: Type.Boolean({ default: true }),
  recipients: Type.Array(Type.String({ format: 'email', maxLength: 254 }), {
    maxItems: MAX_RECIPIENTS,
    uniqueItems: true,
    default: [],
    description: 'Email addresses.',
  }),
  channels: Type.Array(Type.String({ pattern: ID_PATTERN }), {
    maxItems: MAX_CHANNELS,
    uniqueItems: true,
    default: [],
    description: 'Names of channels that are notified too, whatever `email_notification` says.',
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
  channels: Type.Optional(settings.channels),
};
const NewBudget = Strict({ threshold_usd: settings.threshold_usd, ...optional });
const ChangedBudget = Strict({ threshold_usd: Type.Optional(settings.threshold_usd), ...optional });

const budget = {
  id: budgetId,
  ...settings,
  threshold_usd: threshold,
  current_spend_usd: currentSpend,
  reserved_usd: Usd('Held by open reservations.'),
  spend_percentage: Type.Number({ description: 'Percent of the threshold; above 100 if it is exceeded.' }),
  state: Type.String({
    enum: [...BUDGET_STATES],
    description: '`warning` from `alert_at_percentage` on, `exceeded` from 100 on.',
  }),
};
const Budget = Strict(budget);
const BudgetDetail = Strict({
  ...budget,
  notifications: Type.Array(
    Strict({
      mark: Type.String({ enum: [...MARKS] }),
      raised_at: TimeText('When the service noticed that the spend had reached the mark.'),
      cleared_at: Nullable(TimeText('When the spend was below the mark again, or the period was over.')),
      spend_usd: Usd('Spent when it was raised.'),
      sent_at: Nullable(TimeText('When the first receiver accepted the message.')),
      last_error: Nullable(
        Type.String({ description: 'Why the message was not sent, or not to all recipients.' }),
      ),
    }),
    { description: 'The latest 20, newest first.' },
  ),
});
const BudgetParams = Strict({
  id: Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'BUDGET_NOT_FOUND', description: 'The budget.' }),
});

export default function routes(app: App, { services: { budgets } }: RouteContext): void {
  app.get(
    '/budgets',
    readRoute({
      summary: 'Budgets with their current spend and state, oldest first',
      tag,
      answer: Strict({ budgets: Type.Array(Budget) }),
    }),
    async (request) => ({ budgets: await request.reader.run(() => budgets.list(tenantOf(request))) }),
  );

  app.post(
    '/budgets',
    adminRoute({
      summary: 'Creates a budget',
      description: `At most ${MAX_BUDGETS} per tenant.`,
      tag,
      body: NewBudget,
      answers: { 201: Budget },
      errors: ['CONFLICT'],
    }),
    async (request, reply) => {
      const made = await budgets.create(tenantOf(request), inputOf(request.body), authorOf(request));
      reply.code(201);
      return made;
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
      const found = await request.reader.run(() => budgets.get(tenant, id));
      return { ...found, notifications: await listNotifications(request.reader, tenant, id) };
    },
  );

  app.patch(
    '/budgets/:id',
    adminRoute({
      summary: 'Changes a budget',
      description: 'Fields that are left out keep their values. A new scope needs its own scope_id.',
      tag,
      params: BudgetParams,
      body: ChangedBudget,
      answers: { 200: Budget },
      errors: ['BUDGET_NOT_FOUND'],
    }),
    async (request) =>
      budgets.change(
        tenantOf(request),
        request.params.id.toLowerCase(),
        inputOf(request.body),
        authorOf(request),
      ),
  );

  app.delete(
    '/budgets/:id',
    adminRoute({
      summary: 'Deletes a budget with its notifications',
      tag,
      params: BudgetParams,
      answers: { 204: Deleted },
      errors: ['BUDGET_NOT_FOUND'],
    }),
    async (request, reply) => {
      await budgets.delete(tenantOf(request), request.params.id.toLowerCase(), authorOf(request));
      reply.code(204);
      return null;
    },
  );
}

/** The body with the types of its enums, which the schema has checked. */
function inputOf<T extends { scope?: string; alert_type?: string }>(
  body: T,
): Omit<T, 'scope' | 'alert_type'> & Pick<BudgetInput, 'scope' | 'alert_type'> {
  return {
    ...body,
    scope: body.scope as BudgetScope | undefined,
    alert_type: body.alert_type as AlertType | undefined,
  };
}
