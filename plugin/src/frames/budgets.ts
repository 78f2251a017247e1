/** Budgets as a table. */
import type { DataFrame } from '@grafana/data';
import type { Budget } from '../api/types';
import { COUNT, numberColumn, tableOf, textColumn, USD, valuesOf } from './columns';

const TYPES: Record<Budget['alert_type'], string> = { warning: 'warning', hard_stop: 'hard stop' };

export function budgetFrames(refId: string, budgets: Budget[]): DataFrame[] {
  return tableOf(refId, [
    textColumn('Name', budgets.map(nameOf)),
    textColumn('State', budgets.map(stateOf)),
    numberColumn('Used', valuesOf(budgets, 'spend_percentage'), { unit: 'percent' }),
    numberColumn('Spend', valuesOf(budgets, 'current_spend_usd'), USD),
    numberColumn('Reserved', valuesOf(budgets, 'reserved_usd'), USD),
    numberColumn('Threshold', valuesOf(budgets, 'threshold_usd'), USD),
    textColumn('Scope', valuesOf(budgets, 'scope')),
    textColumn('Scope ID', valuesOf(budgets, 'scope_id')),
    textColumn(
      'Type',
      valuesOf(budgets, 'alert_type').map((type) => TYPES[type]),
    ),
    numberColumn('Period days', valuesOf(budgets, 'period_days'), COUNT),
    textColumn('ID', valuesOf(budgets, 'id')),
  ]);
}

/** One that nobody has named is called by what it covers. */
function nameOf({ name, scope, scope_id }: Budget): string {
  return name ?? [scope, scope_id].filter((part) => part !== null).join(' ');
}

/** One that is switched off neither warns nor stops, whatever is spent of it. */
function stateOf({ state, is_active }: Budget): string {
  return is_active ? state : 'inactive';
}
