/** The demo's budgets: one that is kept, one in warning, one exceeded; made once, of what has been spent by then. */
import type { BudgetInput, Budgets } from '../costs/budgets.js';

/** What share of each is spent when it is made, percent. */
const BUDGETS: readonly { input: BudgetInput; spent: number }[] = [
  { input: { name: 'All agents' }, spent: 62 },
  { input: { name: 'Code reviews', scope: 'agent', scope_id: 'code-reviewer' }, spent: 88 },
  {
    input: { name: 'Contracts', scope: 'flow', scope_id: 'contracts', alert_type: 'hard_stop' },
    spent: 107,
  },
];
/** Nothing reaches it: the budget is asked what is spent of it, and then set. */
const BEYOND_ALL = 1_000_000_000;
const LEAST = 0.01;

/** @returns how many were made: none where the tenant has any */
export async function seedBudgets(
  budgets: Pick<Budgets, 'list' | 'create' | 'change'>,
  tenantId: string,
): Promise<number> {
  if ((await budgets.list(tenantId)).length > 0) return 0;
  for (const { input, spent } of BUDGETS) {
    const { id, current_spend_usd } = await budgets.create(tenantId, { ...input, threshold_usd: BEYOND_ALL });
    const threshold = Math.round((100 * current_spend_usd * 100) / spent) / 100;
    await budgets.change(tenantId, id, { threshold_usd: Math.max(LEAST, threshold) });
  }
  return BUDGETS.length;
}
