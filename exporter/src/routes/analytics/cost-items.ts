/** `/cost-items`: costs that no execution carries. */
import { Type } from 'typebox';
import {
  changeItem,
  COST_CATEGORIES,
  type CostCategory,
  createItem,
  deleteItem,
  listItems,
  MAX_ITEM_DAYS,
  MAX_ITEMS,
} from '../../costs/items.js';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { adminRoute, readRoute } from '../../http/route-options.js';
import { NO_NUL, UUID_PATTERN } from '../../ids.js';
import { DateText, ERROR_CODE, Id, Nullable, Strict, Usd } from '../../schemas.js';
import { MAX_USD } from '../shared/budgets.js';
import { Deleted } from '../shared/deleted.js';

const tag = 'Executions and cost';

// The report checks the dates, because it can say what is wrong with one.
const day = (description: string) => Type.String({ description, examples: ['2026-03-06'] });
const settings = {
  category: Type.Unsafe<CostCategory>(Type.String({ enum: [...COST_CATEGORIES] })),
  amount_usd: Type.Number({
    minimum: 0,
    maximum: MAX_USD,
    description: 'USD, at most 6 decimals, of all days.',
  }),
  start_date: day('First day, UTC.'),
  end_date: day('Last day, UTC, included.'),
};
const about = {
  agent_id: Type.Optional(Nullable(Id('The agent whose cost it is, which need not exist.'))),
  description: Type.Optional(Nullable(Type.String({ maxLength: 1_000, pattern: NO_NUL }))),
};
const optional = {
  category: Type.Optional(settings.category),
  amount_usd: Type.Optional(settings.amount_usd),
  start_date: Type.Optional(settings.start_date),
  end_date: Type.Optional(settings.end_date),
};

const Item = Strict({
  id: Type.String({ description: 'UUID.' }),
  category: settings.category,
  amount_usd: Usd('Of all days.'),
  start_date: DateText('First day.'),
  end_date: DateText('Last day, included.'),
  agent_id: Nullable(Id('The agent whose cost it is.')),
  description: Nullable(Type.String()),
});
const ItemParams = Strict({
  id: Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'NOT_FOUND', description: 'The cost item.' }),
});

export default function routes(app: App, { pool, services: { registry } }: RouteContext): void {
  app.get(
    '/cost-items',
    readRoute({
      summary: 'Costs that no execution carries, the earliest first',
      tag,
      answer: Strict({ cost_items: Type.Array(Item) }),
    }),
    async (request) => ({ cost_items: await listItems(request.reader, tenantOf(request)) }),
  );

  app.post(
    '/cost-items',
    adminRoute({
      summary: 'Enters a cost, which is spread evenly over its days',
      description: `At most ${MAX_ITEMS} per tenant, each of at most ${MAX_ITEM_DAYS} days.`,
      tag,
      body: Strict({ ...settings, ...about }),
      answers: { 201: Item },
      errors: ['INVALID_DATE_RANGE', 'CONFLICT'],
    }),
    async (request, reply) => {
      const tenant = tenantOf(request);
      await registry.register(tenant, []);
      const made = await createItem(pool, tenant, request.body);
      reply.code(201);
      return made;
    },
  );

  app.patch(
    '/cost-items/:id',
    adminRoute({
      summary: 'Changes a cost',
      description: 'Fields that are left out keep their values.',
      tag,
      params: ItemParams,
      body: Strict({ ...optional, ...about }),
      answers: { 200: Item },
      errors: ['INVALID_DATE_RANGE', 'NOT_FOUND'],
    }),
    async (request) => changeItem(pool, tenantOf(request), request.params.id.toLowerCase(), request.body),
  );

  app.delete(
    '/cost-items/:id',
    adminRoute({
      summary: 'Deletes a cost',
      tag,
      params: ItemParams,
      answers: { 204: Deleted },
      errors: ['NOT_FOUND'],
    }),
    async (request, reply) => {
      await deleteItem(pool, tenantOf(request), request.params.id.toLowerCase());
      reply.code(204);
      return null;
    },
  );
}
