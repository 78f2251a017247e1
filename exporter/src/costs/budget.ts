/** A budget: what it is, what is read of it, and how its spend stands to its threshold. */
import type { PoolClient } from 'pg';
import { formatUsd, parseUsd, toWire, type Usd } from '../money.js';
import type { BudgetScope, Spent, SpendTarget } from './spend.js';

export const ALERT_TYPES = ['warning', 'hard_stop'] as const;
export type AlertType = (typeof ALERT_TYPES)[number];
export const BUDGET_STATES = ['ok', 'warning', 'exceeded'] as const;
export type BudgetState = (typeof BUDGET_STATES)[number];

export interface Budget extends SpendTarget {
  id: string;
  name: string | null;
  threshold: Usd;
  alertType: AlertType;
  alertAtPercentage: number;
  isActive: boolean;
  emailNotification: boolean;
  recipients: string[];
  channels: string[];
}

/** What a caller sets, on the wire. An omitted field keeps its value, or gets its default in a new budget. */
export interface BudgetInput {
  name?: string | null;
  scope?: BudgetScope;
  scope_id?: string | null;
  threshold_usd?: number;
  period_days?: number;
  alert_type?: AlertType;
  alert_at_percentage?: number;
  is_active?: boolean;
  email_notification?: boolean;
  recipients?: string[];
  channels?: string[];
}

/** A budget on the wire, with its current spend. */
export interface BudgetView extends Required<BudgetInput> {
  id: string;
  name: string | null;
  scope_id: string | null;
  current_spend_usd: number;
  reserved_usd: number;
  /** Not rounded; above 100 if the budget is exceeded. */
  spend_percentage: number;
  state: BudgetState;
}

/** As it is read. */
export type BudgetRow = Omit<Budget, 'threshold'> & { threshold: string };

export const BUDGET_COLUMNS = `id, name, scope, scope_id AS "scopeId", threshold_usd AS threshold, period_days AS "periodDays",
  alert_type AS "alertType", alert_at_percentage AS "alertAtPercentage", is_active AS "isActive",
  email_notification AS "emailNotification", recipients, coalesce(channels, '{}') AS channels`;
/** The oldest first. */
export const BUDGET_ORDER = 'ORDER BY created_at, id';

export const budgetOf = (row: BudgetRow): Budget => ({ ...row, threshold: parseUsd(row.threshold) });

/** The share of the threshold that is spent, percent. */
export const percentageOf = (spend: Usd, threshold: Usd): number => (Number(spend) * 100) / Number(threshold);

/** Whether this percentage of the threshold is spent. Exact: no floating point. */
export const reaches = (spend: Usd, threshold: Usd, percentage: number): boolean =>
  spend * parseUsd(100) >= threshold * parseUsd(percentage);

export function stateOf({ threshold, alertAtPercentage }: Budget, spend: Usd): BudgetState {
  if (reaches(spend, threshold, 100)) return 'exceeded';
  return reaches(spend, threshold, alertAtPercentage) ? 'warning' : 'ok';
}

/** What is set in a budget, on the wire. */
export function settingsOf(budget: Budget): Required<BudgetInput> & Pick<BudgetView, 'name' | 'scope_id'> {
  return {
    name: budget.name,
    scope: budget.scope,
    scope_id: budget.scopeId,
    threshold_usd: toWire(formatUsd(budget.threshold)),
    period_days: budget.periodDays,
    alert_type: budget.alertType,
    alert_at_percentage: budget.alertAtPercentage,
    is_active: budget.isActive,
    email_notification: budget.emailNotification,
    recipients: budget.recipients,
    channels: budget.channels,
  };
}

export function viewOf(budget: Budget, { spend, reserved }: Spent): BudgetView {
  return {
    id: budget.id,
    ...settingsOf(budget),
    current_spend_usd: toWire(formatUsd(spend)),
    reserved_usd: toWire(formatUsd(reserved)),
    spend_percentage: percentageOf(spend, budget.threshold),
    state: stateOf(budget, spend),
  };
}

/** The active budgets of a tenant, oldest first. */
export async function readActiveBudgets(client: PoolClient, tenantId: string): Promise<Budget[]> {
  const { rows } = await client.query<BudgetRow>(
    `SELECT ${BUDGET_COLUMNS} FROM budgets WHERE tenant_id = $1 AND is_active ${BUDGET_ORDER}`,
    [tenantId],
  );
  return rows.map(budgetOf);
}

/** The active budgets to which the spend of one of these agents, users or flows counts, oldest first. */
export async function readConcerned(
  client: PoolClient,
  tenantId: string,
  ids: Record<Exclude<BudgetScope, 'global'>, readonly string[]>,
): Promise<Budget[]> {
  const { rows } = await client.query<BudgetRow>(
    `SELECT ${BUDGET_COLUMNS} FROM budgets WHERE tenant_id = $1 AND is_active
       AND (scope = 'global' OR (scope = 'agent' AND scope_id = ANY ($2::text[]))
         OR (scope = 'user' AND scope_id = ANY ($3::text[])) OR (scope = 'flow' AND scope_id = ANY ($4::text[])))
     ${BUDGET_ORDER}`,
    [tenantId, ids.agent, ids.user, ids.flow],
  );
  return rows.map(budgetOf);
}
