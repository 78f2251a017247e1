import { analytics, type Filter } from './analytics.js';
import { COLOR, set } from './color.js';
import type { PanelBuilder } from './panel.js';
import { cell, table } from './table.js';
import { arrange, mergeTables, shareOf } from './transformations.js';

const MODELS = 15;
const COST = 'Cost';
const UNPRICED = 'Unpriced';

/** What the executions of each model cost, the dearest first. */
export function modelCost(size: { width: number; height: number; filters: Filter[] }): PanelBuilder {
  const { filters, ...place } = size;
  const column = (metric: string, alias: string) =>
    analytics({
      metric,
      filters,
      groupBy: ['model'],
      interval: 'none',
      format: 'table',
      limit: MODELS,
      alias,
    });
  return table({
    ...place,
    title: 'Cost by model',
    description: `The ${MODELS} models that cost most, with their share of what is listed, and how many of their executions have no known price, which are left out of the cost.`,
    unit: 'short',
    noValue: 'No cost in this time range',
    sortBy: COST,
    targets: [column('cost_usd', COST), column('unpriced_executions', UNPRICED)],
    transformations: [
      mergeTables,
      shareOf('Share', COST),
      arrange(['model', COST, 'Share', UNPRICED], { model: 'Model' }),
    ],
    overrides: [
      { field: 'Model', properties: [set.custom('width', 180)] },
      { field: COST, properties: cell.cost() },
      { field: 'Share', properties: cell.costShare(COLOR.rotation) },
      { field: UNPRICED, properties: [...cell.count(), set.custom('width', 110)] },
    ],
  });
}
