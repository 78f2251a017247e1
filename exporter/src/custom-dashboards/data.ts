/** The data of all widgets of a dashboard. */
import type { ReadPool } from '../db/read-shares.js';
import { AppError, type ErrorBody } from '../errors.js';
import { type AnswerBudget } from '../query/budget.js';
import { type PeriodName, periodAnswer } from '../query/executions/period.js';
import type { QueryContext } from '../query/plan.js';
import { type Column, runQuery } from '../query/run.js';
import { sessionFunnel } from '../query/sessions/funnel.js';
import type { Widget } from './schema.js';
import { periodOf, queryOf, rangeOf } from './widgets.js';

/** Widgets that are read at the same time. */
const CONCURRENCY = 4;

interface Result {
  columns: Column[];
  notices: string[];
}

export interface DataRequest {
  tenantId: string;
  widgets: readonly Widget[];
  /** In place of the widgets' own. */
  period: PeriodName | undefined;
  now: number;
  contextOf: (period: PeriodName) => QueryContext;
}

/** In the order of the widgets. One that cannot be read has its error, and the others are answered. */
export async function readWidgets(pool: ReadPool, request: DataRequest, budget: AnswerBudget) {
  const { widgets, now } = request;
  const results = new Array<Result | { error: ErrorBody }>(widgets.length);
  const waiting = widgets.entries();
  const work = async (): Promise<void> => {
    for (const [i, widget] of waiting) results[i] = await readOne(pool, widget, request, budget);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return widgets.map((widget, i) => ({
    type: widget.type,
    title: widget.title,
    period: periodAnswer(rangeOf(request.period ?? periodOf(widget), now)),
    ...results[i]!,
  }));
}

async function readOne(
  pool: ReadPool,
  widget: Widget,
  { tenantId, period = periodOf(widget), contextOf, now }: DataRequest,
  budget: AnswerBudget,
): Promise<Result | { error: ErrorBody }> {
  try {
    const asked = queryOf(widget);
    if (asked.kind === 'catalog') return await runQuery(pool, asked.query, contextOf(period), budget);
    const { range } = rangeOf(period, now);
    const { steps } = await sessionFunnel(pool, tenantId, { range, ...asked });
    return { columns: funnelColumns(steps), notices: [] };
  } catch (error) {
    if (!(error instanceof AppError) || error.statusCode >= 500) throw error;
    return { error: error.toBody() };
  }
}

type FunnelStep = Awaited<ReturnType<typeof sessionFunnel>>['steps'][number];

function funnelColumns(steps: readonly FunnelStep[]): Column[] {
  const number = (name: Exclude<keyof FunnelStep, 'step'>, unit: string): Column => ({
    ...{ name, type: 'number', unit },
    values: steps.map((step) => step[name]),
  });
  return [
    { name: 'step', type: 'string', values: steps.map(({ step }) => step) },
    number('sessions', 'short'),
    number('conversion_rate', 'percent'),
    number('from_previous_rate', 'percent'),
    number('median_ms_from_previous', 'ms'),
  ];
}
