/** Budgets: what a user, an agent, a flow or the whole tenant may spend within a rolling period. */
import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../db/pool.js';
import { lockKey, transactionLock } from '../db/locks.js';
import { AppError } from '../errors.js';
import type { Channels } from '../outbox/channels/channels.js';
import { type AllowedRecipients, mayReceive } from '../outbox/recipients.js';
import { uuidv7 } from '../ids.js';
import { formatUsd, parseUsd, WIRE_UNIT } from '../money.js';
import { type Author, auditedTransaction } from '../tenants/audit.js';
import {
  type Budget,
  BUDGET_COLUMNS,
  BUDGET_ORDER,
  type BudgetInput,
  budgetOf,
  type BudgetRow,
  type BudgetView,
  settingsOf,
  viewOf,
} from './budget.js';
import { resolveIncidents } from './budget-incidents.js';
import { readSpend } from './spend.js';
import type { OpenNotification } from './transitions.js';

/** Per tenant. All of them are evaluated whenever the tenant spends. */
export const MAX_BUDGETS = 1_000;

const DEFAULTS = {
  name: null,
  scope: 'global',
  scopeId: null,
  periodDays: 30,
  alertType: 'warning',
  alertAtPercentage: 80,
  isActive: true,
  emailNotification: true,
  recipients: [],
  channels: [],
} as const satisfies Omit<Budget, 'id' | 'threshold' | 'recipients' | 'channels'> & {
  recipients: readonly string[];
  channels: readonly string[];
};

/** A notification that has not been cleared. */
type OpenMark = Pick<OpenNotification, 'mark' | 'raisedAt'>;

export interface BudgetsDeps {
  pool: Pool;
  now: () => number;
  /** Registers the tenant if it is new. */
  register: (tenantId: string) => Promise<void>;
  /** Called after a budget of the tenant was created or changed. */
  onChange: (tenantId: string) => void;
  /** Others are refused as recipients. Default: anybody. */
  mailRecipients?: AllowedRecipients;
  channels: Pick<Channels, 'checkNames'>;
}

const notFound = (id: string): AppError => new AppError('BUDGET_NOT_FOUND', `there is no budget "${id}"`);

export class Budgets {
  constructor(private readonly deps: BudgetsDeps) {}

  /** All budgets of the tenant, oldest first. */
  async list(tenantId: string): Promise<BudgetView[]> {
    return withTransaction(this.deps.pool, async (client) => {
      const { rows } = await client.query<BudgetRow>(
        `SELECT ${BUDGET_COLUMNS} FROM budgets WHERE tenant_id = $1 ${BUDGET_ORDER}`,
        [tenantId],
      );
      return this.views(client, tenantId, rows.map(budgetOf));
    });
  }

  /** @throws AppError BUDGET_NOT_FOUND */
  async get(tenantId: string, id: string): Promise<BudgetView> {
    return withTransaction(this.deps.pool, async (client) => {
      const budget = await readOne(client, tenantId, id);
      return (await this.views(client, tenantId, [budget]))[0]!;
    });
  }

  /** @throws AppError VALIDATION_ERROR, or CONFLICT beyond MAX_BUDGETS */
  async create(
    tenantId: string,
    input: BudgetInput & { threshold_usd: number },
    author: Author,
  ): Promise<BudgetView> {
    const { pool, register, onChange } = this.deps;
    this.checkRecipients(input);
    await this.deps.channels.checkNames(tenantId, input.channels ?? []);
    const budget = merged({ ...DEFAULTS, recipients: [], channels: [], id: uuidv7(), threshold: 0n }, input);
    await register(tenantId);
    const view = await auditedTransaction(pool, tenantId, author, async (client, record) => {
      // Otherwise those that are created at once would not count each other.
      await transactionLock(client, lockKey('new budgets', tenantId));
      const { rowCount } = await client.query(
        `INSERT INTO budgets (tenant_id, id, ${SETTABLE.join(', ')})
         SELECT $1, $2, ${SETTABLE.map((_, i) => `$${i + 3}`).join(', ')}
         WHERE (SELECT count(*) FROM budgets WHERE tenant_id = $1) < ${MAX_BUDGETS}`,
        [tenantId, budget.id, ...valuesOf(budget)],
      );
      if (rowCount === 0) throw new AppError('CONFLICT', `at most ${MAX_BUDGETS} budgets a tenant`);
      await record({ resource: 'budget', id: budget.id, before: null, after: settingsOf(budget) });
      return (await this.views(client, tenantId, [budget]))[0]!;
    });
    onChange(tenantId);
    return view;
  }

  /** @throws AppError BUDGET_NOT_FOUND or VALIDATION_ERROR */
  async change(tenantId: string, id: string, input: BudgetInput, author: Author): Promise<BudgetView> {
    this.checkRecipients(input);
    await this.deps.channels.checkNames(tenantId, input.channels ?? []);
    const view = await auditedTransaction(this.deps.pool, tenantId, author, async (client, record) => {
      const before = await readOne(client, tenantId, id, 'FOR NO KEY UPDATE');
      const budget = merged(before, input);
      await client.query(
        `UPDATE budgets SET ${SETTABLE.map((name, i) => `${name} = $${i + 3}`).join(', ')}
         WHERE tenant_id = $1 AND id = $2`,
        [tenantId, id, ...valuesOf(budget)],
      );
      await record({ resource: 'budget', id, before: settingsOf(before), after: settingsOf(budget) });
      if (before.isActive && !budget.isActive) {
        const open = await client.query<OpenMark>(
          `UPDATE budget_notifications SET cleared_at = $3
           WHERE tenant_id = $1 AND budget_id = $2 AND cleared_at IS NULL RETURNING mark, raised_at AS "raisedAt"`,
          [tenantId, id, new Date(this.deps.now())],
        );
        await this.resolve(client, tenantId, before, open.rows);
      }
      return (await this.views(client, tenantId, [budget]))[0]!;
    });
    this.deps.onChange(tenantId);
    return view;
  }

  private checkRecipients({ recipients = [] }: BudgetInput): void {
    const { mailRecipients } = this.deps;
    const refused = recipients.find((address) => !mayReceive(mailRecipients, address));
    if (refused === undefined) return;
    throw new AppError(
      'VALIDATION_ERROR',
      `field recipients: mails to "${refused}" are not allowed; the operator of this service allows ${mailRecipients!.join(', ')}`,
    );
  }

  /** Deletes the budget and its notifications. @throws AppError BUDGET_NOT_FOUND */
  async delete(tenantId: string, id: string, author: Author): Promise<void> {
    await auditedTransaction(this.deps.pool, tenantId, author, async (client, record) => {
      // The budget first: its row is locked while a notification of it is raised.
      const { rows } = await client.query<BudgetRow>(
        `DELETE FROM budgets WHERE tenant_id = $1 AND id = $2 RETURNING ${BUDGET_COLUMNS}`,
        [tenantId, id],
      );
      if (rows[0] === undefined) throw notFound(id);
      await record({ resource: 'budget', id, before: settingsOf(budgetOf(rows[0])), after: null });
      const open = await client.query<OpenMark>(
        `WITH gone AS (
           DELETE FROM budget_notifications WHERE tenant_id = $1 AND budget_id = $2
           RETURNING mark, raised_at, cleared_at
         )
         SELECT mark, raised_at AS "raisedAt" FROM gone WHERE cleared_at IS NULL`,
        [tenantId, id],
      );
      await this.resolve(client, tenantId, budgetOf(rows[0]), open.rows);
    });
  }

  private async resolve(
    client: PoolClient,
    tenantId: string,
    budget: Budget,
    open: readonly OpenMark[],
  ): Promise<void> {
    if (open.length === 0) return;
    const now = this.deps.now();
    const [spent] = await readSpend(client, tenantId, [budget], now);
    const ended = open.map((mark) => ({ ...mark, budget, spend: spent!.spend }));
    await resolveIncidents(client, tenantId, ended, now);
  }

  private async views(
    client: PoolClient,
    tenantId: string,
    budgets: readonly Budget[],
  ): Promise<BudgetView[]> {
    const spent = await readSpend(client, tenantId, budgets, this.deps.now());
    return budgets.map((budget, i) => viewOf(budget, spent[i]!));
  }
}

async function readOne(client: PoolClient, tenantId: string, id: string, lock = ''): Promise<Budget> {
  const { rows } = await client.query<BudgetRow>(
    `SELECT ${BUDGET_COLUMNS} FROM budgets WHERE tenant_id = $1 AND id = $2 ${lock}`,
    [tenantId, id],
  );
  if (rows[0] === undefined) throw notFound(id);
  return budgetOf(rows[0]);
}

const SETTABLE = [
  'name',
  'scope',
  'scope_id',
  'threshold_usd',
  'period_days',
  'alert_type',
  'alert_at_percentage',
  'is_active',
  'email_notification',
  'recipients',
  'channels',
];

const valuesOf = (budget: Budget): unknown[] => [
  budget.name,
  budget.scope,
  budget.scopeId,
  formatUsd(budget.threshold),
  budget.periodDays,
  budget.alertType,
  budget.alertAtPercentage,
  budget.isActive,
  budget.emailNotification,
  budget.recipients,
  budget.channels,
];

/** Applies the input to a budget. @throws AppError VALIDATION_ERROR if scope and scope_id do not fit */
function merged(before: Budget, input: BudgetInput): Budget {
  const scope = input.scope ?? before.scope;
  // An id of the old scope means nothing in the new one.
  const kept = scope === before.scope ? before.scopeId : null;
  const scopeId = input.scope_id === undefined ? kept : input.scope_id;
  if (scope === 'global' && scopeId !== null) {
    throw new AppError('VALIDATION_ERROR', 'field scope_id must be left out where the scope is global');
  }
  if (scope !== 'global' && scopeId === null) {
    throw new AppError('VALIDATION_ERROR', `field scope_id is missing: which ${scope} is it about?`);
  }
  const threshold = input.threshold_usd === undefined ? before.threshold : parseUsd(input.threshold_usd);
  // A smaller amount could not be represented on the wire.
  if (threshold < WIRE_UNIT)
    throw new AppError('VALIDATION_ERROR', `field threshold_usd must be at least ${formatUsd(WIRE_UNIT)}`);
  return {
    id: before.id,
    name: input.name === undefined ? before.name : input.name,
    scope,
    scopeId,
    threshold,
    periodDays: input.period_days ?? before.periodDays,
    alertType: input.alert_type ?? before.alertType,
    alertAtPercentage: input.alert_at_percentage ?? before.alertAtPercentage,
    isActive: input.is_active ?? before.isActive,
    emailNotification: input.email_notification ?? before.emailNotification,
    recipients: input.recipients ?? before.recipients,
    channels: input.channels ?? before.channels,
  };
}
