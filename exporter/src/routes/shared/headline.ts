/** Headline figures of what ran in a period, for several routes. */
import { Count, Percent, Usd } from '../../schemas.js';

export const headline = {
  total_executions: Count('Top-level executions, including running ones.'),
  nested_executions: Count('Executions that other executions have called.'),
  success_rate: Percent('Share of finished top-level executions that succeeded.'),
  total_tokens: Count('Input and output, of all executions.'),
  total_cost: Usd('Models, tools and cost items, without unpriced executions.'),
  unpriced_executions: Count('Executions without a known cost, nested ones included.'),
};
