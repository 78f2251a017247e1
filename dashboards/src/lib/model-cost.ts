import { analytics, type Filter } from './analytics.js';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import type { PanelBuilder } from 'agentidp-analytics-panels/panel';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange, mergeTables, shareOf } from './transformations.js';

const MODELS = 15;
const COST = 'Cost';
const UNPRICED = 'Unpriced';

/** A table of the models with the highest cost. */
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
    description: `The ${MODELS} models with the highest cost, and their share of the total of these models. Of every level, nested executions included. Unpriced executions are not included in the cost.`,
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
