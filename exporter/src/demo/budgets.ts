/** The demo's budgets: one ok, one in warning, one exceeded. They are created once, based on the spend at that time. */
import type { BudgetInput } from '../costs/budget.js';
import type { Budgets } from '../costs/budgets.js';
import type { Author } from '../tenants/audit.js';

/** `spent`: share of the budget that is spent when it is created, in percent. */
const BUDGETS: readonly { input: BudgetInput; spent: number }[] = [
  { input: { name: 'All agents' }, spent: 62 },
  { input: { name: 'Code reviews', scope: 'agent', scope_id: 'code-reviewer' }, spent: 88 },
  {
    input: { name: 'Contracts', scope: 'flow', scope_id: 'contracts', alert_type: 'hard_stop' },
    spent: 107,
  },
];
/** Initial threshold, above any spend. The final one is computed from the spend that the new budget reports. */
const INITIAL_THRESHOLD = 1_000_000_000;
const MIN_THRESHOLD = 0.01;

/** @returns the number of budgets created; 0 if the tenant already has budgets */
export async function seedBudgets(
  budgets: Pick<Budgets, 'list' | 'create' | 'change'>,
  tenantId: string,
  author: Author,
): Promise<number> {
  if ((await budgets.list(tenantId)).length > 0) return 0;
  for (const { input, spent } of BUDGETS) {
    const initial = { ...input, threshold_usd: INITIAL_THRESHOLD };
    const { id, current_spend_usd } = await budgets.create(tenantId, initial, author);
    const threshold = Math.round((100 * current_spend_usd * 100) / spent) / 100;
    await budgets.change(tenantId, id, { threshold_usd: Math.max(MIN_THRESHOLD, threshold) }, author);
  }
  return BUDGETS.length;
}
