/** What every section of what stands out is made of. */
import type { BudgetView } from '../../costs/budget.js';
import type { Links } from '../../grafana-links.js';
import type { Questions } from '../questions.js';
import type { ReportSettings } from '../settings.js';
import type { Template } from '../templates.js';

export interface StandoutRequest {
  questions: Questions;
  links: Links;
  settings: ReportSettings;
  /** What is looked for. */
  sections: Pick<Template, 'changes' | 'errors' | 'budgets' | 'recommendations'>;
  /** The budgets of the tenant as they are now. */
  readBudgets: () => Promise<BudgetView[]>;
}
