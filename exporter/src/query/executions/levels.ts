/** Figures by level: counts, rates and durations of the top level, beside the tokens and cost of all executions. */
import { NESTED, TOP } from '../../catalog/index.js';
import type { ReadPool } from '../../db/read-shares.js';
import { formatUsd, parseUsd } from '../../money.js';
import { executionFigures, type Figures, type FiguresRequest, NO_FIGURES } from './figures.js';

type Amounts = Pick<Figures, 'inputTokens' | 'outputTokens' | 'totalTokens' | 'unpriced' | 'cost'>;

/** Those of the top level. */
export interface TopFigures extends Figures {
  /** Values of the dimensions, in their order. */
  group: readonly (string | null)[];
  /** Whether it is all groups that are not shown by themselves. */
  isRest: boolean;
  /** Executions below the top level. */
  nested: number;
  /** Of every level. */
  all: Amounts;
}

/** Top and nested. */
const LEVELS = 2;

/** Those of nothing. */
export const NO_TOP_FIGURES: TopFigures = { ...NO_FIGURES, nested: 0, all: NO_FIGURES };

/**
 * Those with the most executions of the top level first; without groups a single row.
 * @param limit groups at most. Where there are more, some of them may lack a level.
 */
export async function topFigures(
  pool: ReadPool,
  tenantId: string,
  { groupBy = [], limit, ...request }: Omit<FiguresRequest, 'largest'>,
): Promise<TopFigures[]> {
  const rows = await executionFigures(pool, tenantId, {
    ...request,
    groupBy: [...groupBy, 'level'],
    limit: limit === undefined ? undefined : LEVELS * limit,
  });
  const groups = new Map<string, TopFigures>();
  if (groupBy.length === 0) groups.set(JSON.stringify([[], false]), NO_TOP_FIGURES);
  for (const { group, ...figures } of rows) {
    const [values, level] = [group.slice(0, -1), group.at(-1)];
    const key = JSON.stringify([values, figures.isRest]);
    const { nested, all, ...known } = groups.get(key) ?? NO_TOP_FIGURES;
    groups.set(key, {
      ...(level === TOP ? figures : known),
      group: values,
      isRest: figures.isRest,
      nested: level === NESTED ? figures.executions : nested,
      all: added(all, figures),
    });
  }
  return [...groups.values()].sort((a, b) => b.executions - a.executions);
}

const added = (a: Amounts, b: Amounts): Amounts => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  totalTokens: a.totalTokens + b.totalTokens,
  unpriced: a.unpriced + b.unpriced,
  cost: formatUsd(parseUsd(a.cost) + parseUsd(b.cost)),
});
