/** The figures of executions, budgets and alerts behind the business metrics: a bounded number of series per tenant. */
import type { Pool } from 'pg';
import { RUNNING } from '../catalog/index.js';
import { BUDGET_STATES, type BudgetState } from '../costs/budget.js';
import type { BudgetFigures } from '../costs/budget-watch.js';
import { type MailFigures, readMailFigures } from '../costs/notifications.js';
import { type DeliveryFigures, readDeliveryFigures } from '../outbox/history.js';
import { OTHER_MODELS, RANKED_MODELS } from './execution-counters.js';

/** The label of everything without a series of its own. */
export const OTHER = 'other';
/** Budgets, and alerts, of a tenant with series of their own: the oldest. */
const NAMED_BUDGETS = 50;
const NAMED_ALERTS = 50;
/** The label of executions that name no model. */
const NO_MODEL = 'unknown';

/** Finished executions of an agent. A running one may still get any of the other statuses. */
export interface StatusFigures {
  tenant: string;
  agent: string;
  status: string;
  executions: number;
}

export interface ModelFigures {
  tenant: string;
  model: string;
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
}

/** For `OTHER` the highest ratio and the worst state. */
export interface BudgetSeries {
  tenant: string;
  /** The budget's name, with its id where an older one has the same; its id where it has none. */
  budget: string;
  ratio: number;
  state: BudgetState;
}

/** What is known of an active alert. */
export interface AlertFigures {
  tenant: string;
  id: string;
  name: string;
  /** 0 ok, 1 pending, 2 firing. */
  level: number;
  value: number | null;
}

/** For `OTHER` the worst state, and no value. */
export interface AlertSeries {
  tenant: string;
  /** The alert's name, with its id where an older one has the same. */
  alert: string;
  level: number;
  value: number | null;
}

export interface ExecutionSnapshot {
  executions: StatusFigures[];
  models: ModelFigures[];
  budgets: BudgetSeries[];
  alerts: AlertSeries[];
  mails: MailFigures[];
  deliveries: DeliveryFigures[];
}

/**
 * Named agents by name and all others as one, as for events; an agent's past never changes its series. A correction lowers
 * no counter: an execution that turned out to have failed counts as a failure, and still as a success until as many more
 * have succeeded.
 */
export const EXECUTIONS = `
  SELECT a.tenant_id AS tenant, a.id AS agent, c.status, c.executions::float8
  FROM agents a JOIN execution_agent_counters c ON c.tenant_id = a.tenant_id AND c.agent_id = a.id
  WHERE a.metrics_named AND c.status <> '${RUNNING}'
  UNION ALL
  SELECT tenant_id, NULL, status, executions::float8 FROM execution_counters_other WHERE status <> '${RUNNING}' AND executions <> 0`;

/** All other models share one series, which never falls either. */
const MODELS = `
  WITH ranked AS MATERIALIZED (${RANKED_MODELS}), rest AS (
    SELECT tenant_id, max(input_tokens) AS input_tokens, max(output_tokens) AS output_tokens, max(cost_usd) AS cost_usd
    FROM (
      SELECT tenant_id, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(cost_usd) AS cost_usd
      FROM ranked WHERE NOT named GROUP BY 1
      UNION ALL
      SELECT tenant_id, input_tokens, output_tokens, cost_usd
      FROM execution_model_counters WHERE model_name = '${OTHER_MODELS}'
    ) AS shown GROUP BY 1
  )
  SELECT tenant_id AS tenant, model, sum(input_tokens)::float8 AS "inputTokens",
         sum(output_tokens)::float8 AS "outputTokens", sum(cost_usd)::float8 AS "costUsd"
  FROM (
    SELECT tenant_id, coalesce(model_name, '${NO_MODEL}') AS model, input_tokens, output_tokens, cost_usd
    FROM ranked WHERE named
    UNION ALL
    SELECT tenant_id, '${OTHER}', input_tokens, output_tokens, cost_usd FROM rest
  ) AS series GROUP BY 1, 2`;

/** Reads the figures of all tenants. `budgets` and `alerts` are those just computed, the oldest of a tenant first. */
export async function readExecutionSnapshot(
  pool: Pool,
  budgets: readonly BudgetFigures[],
  alerts: readonly AlertFigures[],
): Promise<ExecutionSnapshot> {
  const [executions, models, mails, deliveries] = await Promise.all([
    pool.query<Omit<StatusFigures, 'agent'> & { agent: string | null }>(EXECUTIONS),
    pool.query<ModelFigures>(MODELS),
    readMailFigures(pool),
    readDeliveryFigures(pool),
  ]);
  return {
    // An agent that is itself called "other" joins the rest.
    executions: folded(
      executions.rows.map((row) => ({ ...row, agent: row.agent ?? OTHER })),
      addStatuses,
    ),
    models: models.rows,
    budgets: folded(budgetSeries(budgets), worst),
    alerts: folded(alertSeries(alerts), worstAlert),
    mails,
    deliveries,
  };
}

function budgetSeries(budgets: readonly BudgetFigures[]): BudgetSeries[] {
  const taken = new Map<string, Set<string>>();
  return budgets.map(({ tenant, id, name, ratio, state }) => {
    const names = taken.get(tenant) ?? new Set<string>();
    taken.set(tenant, names);
    const free = name === null || names.has(name) ? [name, id].filter(Boolean).join(' ') : name;
    const budget = names.size < NAMED_BUDGETS ? free : OTHER;
    names.add(budget);
    return { tenant, budget, ratio, state };
  });
}

function alertSeries(alerts: readonly AlertFigures[]): AlertSeries[] {
  const taken = new Map<string, Set<string>>();
  return alerts.map(({ tenant, id, name, level, value }) => {
    const names = taken.get(tenant) ?? new Set<string>();
    taken.set(tenant, names);
    const free = names.has(name) ? `${name} ${id}` : name;
    const alert = names.size < NAMED_ALERTS ? free : OTHER;
    names.add(alert);
    return { tenant, alert, level, value: alert === OTHER ? null : value };
  });
}

/** The figures of one tenant. */
export function executionsOf(snapshot: ExecutionSnapshot, tenantId: string): ExecutionSnapshot {
  const isOwn = ({ tenant }: { tenant: string }): boolean => tenant === tenantId;
  return {
    executions: snapshot.executions.filter(isOwn),
    models: snapshot.models.filter(isOwn),
    budgets: snapshot.budgets.filter(isOwn),
    alerts: snapshot.alerts.filter(isOwn),
    mails: snapshot.mails.filter(isOwn),
    deliveries: snapshot.deliveries.filter(isOwn),
  };
}

/** Folds all tenants without series of their own into one. */
export function boundedExecutions(
  snapshot: ExecutionSnapshot,
  isNamed: (tenant: string) => boolean,
): ExecutionSnapshot {
  const bound = <T extends { tenant: string }>(rows: readonly T[], rest: object): T[] =>
    rows.map((row) => (isNamed(row.tenant) ? row : { ...row, tenant: OTHER, ...rest }));
  return {
    executions: folded(bound(snapshot.executions, { agent: OTHER }), addStatuses),
    models: folded(bound(snapshot.models, { model: OTHER }), (a, b) => ({
      ...a,
      inputTokens: a.inputTokens + b.inputTokens,
      outputTokens: a.outputTokens + b.outputTokens,
      costUsd: a.costUsd + b.costUsd,
    })),
    budgets: folded(bound(snapshot.budgets, { budget: OTHER }), worst),
    alerts: folded(bound(snapshot.alerts, { alert: OTHER, value: null }), worstAlert),
    mails: folded(bound(snapshot.mails, {}), (a, b) => ({
      ...a,
      waiting: a.waiting + b.waiting,
      failing: a.failing + b.failing,
    })),
    deliveries: folded(bound(snapshot.deliveries, {}), (a, b) => ({
      ...a,
      waiting: a.waiting + b.waiting,
      failing: a.failing + b.failing,
    })),
  };
}

const addStatuses = (a: StatusFigures, b: StatusFigures): StatusFigures => ({
  ...a,
  executions: a.executions + b.executions,
});

/** 0 ok, 1 warning, 2 exceeded. */
export const severityOf = (state: BudgetState): number => BUDGET_STATES.indexOf(state);

const worst = (a: BudgetSeries, b: BudgetSeries): BudgetSeries => ({
  ...a,
  ratio: Math.max(a.ratio, b.ratio),
  state: severityOf(b.state) > severityOf(a.state) ? b.state : a.state,
});

const worstAlert = (a: AlertSeries, b: AlertSeries): AlertSeries => ({
  ...a,
  level: Math.max(a.level, b.level),
  value: null,
});

/** One row for each combination of texts, which are the labels of a series. */
function folded<T extends object>(rows: readonly T[], add: (a: T, b: T) => T): T[] {
  const byLabels = new Map<string, T>();
  for (const row of rows) {
    const key = JSON.stringify(Object.entries(row).filter(([name, value]) => isLabel(name, value)));
    const known = byLabels.get(key);
    byLabels.set(key, known === undefined ? row : add(known, row));
  }
  return [...byLabels.values()];
}

/** A budget's state is a value of its series. */
const isLabel = (name: string, value: unknown): boolean => typeof value === 'string' && name !== 'state';
