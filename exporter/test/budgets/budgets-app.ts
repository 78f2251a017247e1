/** What the tests of budgets share. */
import type { LightMyRequestResponse } from 'fastify';
import type { Scope } from '../../src/auth/principal.js';
import type { BudgetView } from '../../src/costs/budget.js';
import type { NotificationView } from '../../src/costs/notifications.js';
import type { Reservation } from '../../src/costs/reservation-answers.js';
import type { ReservationInput } from '../../src/facts/reservation/columns.js';
import { type TestApp } from '../support/app.js';
import type { TestExecution } from '../support/executions.js';

export const ADMIN: readonly Scope[] = ['analytics:read', 'analytics:write', 'analytics:admin'];
export const BUDGETS = '/api/v1/analytics/budgets';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** A request below /budgets by an administrator of the tenant. */
export async function ask(
  t: TestApp,
  tenant: string,
  method: Method,
  path = '',
  payload?: object,
): Promise<LightMyRequestResponse> {
  return t.app.inject({
    method,
    url: `${BUDGETS}${path}`,
    headers: await t.headers({ tenant, scopes: ADMIN }),
    ...(payload && { payload }),
  });
}

function expectStatus(response: LightMyRequestResponse, status: number): LightMyRequestResponse {
  if (response.statusCode !== status)
    throw new Error(`${response.statusCode}: ${response.body.slice(0, 500)}`);
  return response;
}

export async function makeBudget(t: TestApp, tenant: string, budget: object): Promise<BudgetView> {
  return expectStatus(await ask(t, tenant, 'POST', '', budget), 201).json<BudgetView>();
}

export async function readBudget(
  t: TestApp,
  tenant: string,
  id: string,
): Promise<BudgetView & { notifications: NotificationView[] }> {
  return expectStatus(await ask(t, tenant, 'GET', `/${id}`), 200).json();
}

export const reserve = (
  t: TestApp,
  tenant: string,
  input: ReservationInput,
): Promise<LightMyRequestResponse> => ask(t, tenant, 'POST', '/reservations', input);

export async function mustReserve(t: TestApp, tenant: string, input: ReservationInput): Promise<Reservation> {
  return expectStatus(await reserve(t, tenant, input), 201).json<Reservation>();
}

/** Sends executions, all of which must be taken. */
export async function run(t: TestApp, tenant: string, ...executions: TestExecution[]): Promise<void> {
  const response = expectStatus(await t.post('/api/v1/executions', { executions }, { tenant }), 200);
  const { rejected } = response.json<{ rejected: unknown[] }>();
  if (rejected.length > 0) throw new Error(JSON.stringify(rejected));
}
