/** Widgets: what each asks for, and what is refused with what would be right. */
import { AppError } from '../errors.js';
import { type PeriodName, PERIODS, resolveExecutionPeriod } from '../query/executions/period.js';
import { type CatalogQuery, planQuery, type QueryContext } from '../query/plan.js';
import { funnelSteps } from '../query/sessions/funnel.js';
import {
  MAX_CHARACTERS,
  type SentDashboard,
  type SentWidget,
  type Widget,
  type WidgetType,
} from './schema.js';

const DEFAULT_PERIOD: PeriodName = '7d';
const DEFAULT_LIMIT = 10;
const DEFAULT_ROWS = 100;

/** What a heatmap can be of. The plugin has a format for each. */
export const HEATMAPS = {
  'weekday,hourOfDay': 'heatmap-weekday-hour',
  agent: 'heatmap-agent-day',
  user: 'heatmap-user-day',
} as const;
type HeatmapOf = keyof typeof HEATMAPS;
const DEFAULT_HEATMAP: HeatmapOf = 'weekday,hourOfDay';

const invalid = (message: string): AppError => new AppError('VALIDATION_ERROR', message);

type Field = 'metric' | 'steps' | 'chart_type' | 'group_by' | 'interval' | 'limit';

/** Fields that only some types have. */
const FIELDS: Record<WidgetType, readonly Field[]> = {
  metric: ['metric'],
  chart: ['metric', 'chart_type', 'group_by', 'interval', 'limit'],
  table: ['metric', 'group_by', 'interval', 'limit'],
  pie: ['metric', 'group_by', 'limit'],
  heatmap: ['metric', 'group_by', 'limit'],
  funnel: ['steps'],
};
const ALL_FIELDS = [...new Set(Object.values(FIELDS).flat())];

/** What a widget asks for within its period. */
export type WidgetQuery =
  { kind: 'catalog'; query: CatalogQuery } | { kind: 'funnel'; steps: string[]; agentId: string | undefined };

const isPeriod = (name: string): name is PeriodName => PERIODS.some((period) => period === name);

export const periodOf = (widget: Pick<Widget, 'period'>): PeriodName => widget.period as PeriodName;

export const heatmapOf = ({ group_by }: Pick<Widget, 'group_by'>): HeatmapOf =>
  (group_by ?? []).length === 0 ? DEFAULT_HEATMAP : (group_by!.join(',') as HeatmapOf);

/**
 * The widgets of a dashboard as they are stored.
 * @param contextOf what a query of a period depends on
 * @throws AppError VALIDATION_ERROR that names the widget and says what would be right
 */
export function checkedWidgets(
  { widgets }: Pick<SentDashboard, 'widgets'>,
  contextOf: (period: PeriodName) => QueryContext,
): Widget[] {
  const characters = JSON.stringify(widgets).length;
  if (characters > MAX_CHARACTERS) {
    throw invalid(
      `the widgets have ${characters} characters as JSON; they may have at most ${MAX_CHARACTERS}`,
    );
  }
  return widgets.map((sent, i) => {
    try {
      return checked(sent, contextOf);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new AppError(error.code, `widgets[${i}] ("${sent.title}"): ${error.message}`, {
        details: error.details,
      });
    }
  });
}

function checked(sent: SentWidget, contextOf: (period: PeriodName) => QueryContext): Widget {
  const { group_by: sentGroups, period = DEFAULT_PERIOD, ...rest } = sent;
  const { type } = sent;
  const foreign = ALL_FIELDS.find((name) => sent[name] !== undefined && !FIELDS[type].includes(name));
  if (foreign !== undefined)
    throw invalid(`a ${type} has no ${foreign}; it can have ${FIELDS[type].join(', ')}`);
  if (!isPeriod(period)) throw invalid(`there is no period "${period}"; there are ${PERIODS.join(', ')}`);
  const group_by = sentGroups === undefined ? undefined : [sentGroups].flat();
  const widget: Widget = { ...rest, ...(group_by && { group_by }), period };
  checkShape(widget);
  const asked = queryOf(widget);
  if (asked.kind === 'catalog') planQuery(asked.query, contextOf(period));
  return widget;
}

function checkShape(widget: Widget): void {
  const { type, metric, group_by = [], interval } = widget;
  if (type !== 'funnel' && metric === undefined) throw invalid(`a ${type} needs a metric of the catalog`);
  if (type === 'chart' && interval === 'none')
    throw invalid('a chart is over time; give it an interval such as day, or make it a table');
  if (type === 'pie' && group_by.length !== 1)
    throw invalid('a pie needs one dimension in group_by, whose values are its slices');
  if (type === 'heatmap' && !(heatmapOf(widget) in HEATMAPS)) {
    throw invalid(
      'group_by of a heatmap must be ["weekday", "hourOfDay"], ["agent"] or ["user"]; the latter two are by day',
    );
  }
}

export function queryOf(widget: Widget): WidgetQuery {
  if (widget.type === 'funnel') {
    return { kind: 'funnel', steps: stepsOf(widget), agentId: agentOf(widget) };
  }
  const { metric = '', group_by = [], filters = [], interval, limit } = widget;
  const query = { refId: 'A', metric, filters };
  const grouped = (byDefault: number): Partial<CatalogQuery> =>
    group_by.length === 0 ? {} : { groupBy: group_by, limit: limit ?? byDefault };
  switch (widget.type) {
    case 'metric':
      return { kind: 'catalog', query };
    case 'chart':
      return {
        kind: 'catalog',
        query: { ...query, ...grouped(DEFAULT_LIMIT), interval: interval ?? chartInterval(widget) },
      };
    case 'table':
      return {
        kind: 'catalog',
        query: { ...query, ...grouped(DEFAULT_ROWS), ...(interval && { interval }) },
      };
    case 'pie':
      return { kind: 'catalog', query: { ...query, ...grouped(DEFAULT_LIMIT) } };
    case 'heatmap': {
      const of = heatmapOf(widget);
      return {
        kind: 'catalog',
        query:
          of === DEFAULT_HEATMAP
            ? { ...query, groupBy: ['weekday', 'hourOfDay'] }
            : { ...query, groupBy: [of], limit: limit ?? DEFAULT_LIMIT, interval: 'day' },
      };
    }
  }
}

const chartInterval = ({ period }: Widget): string => (period === '24h' ? 'hour' : 'day');

const stepsOf = ({ steps }: Widget): string[] => funnelSteps(steps ?? []);

/** A funnel knows the agent alone. */
function agentOf({ filters = [] }: Widget): string | undefined {
  if (filters.length === 0) return undefined;
  const [filter] = filters;
  const isAgent = filters.length === 1 && filter!.dimension === 'agent' && filter!.operator === 'in';
  if (!isAgent || filter!.values.length !== 1)
    throw invalid(
      'a funnel can be filtered by one agent: { dimension: "agent", operator: "in", values: [id] }',
    );
  return filter!.values[0];
}

/** The range of a period now. */
export const rangeOf = (period: PeriodName, now: number) => resolveExecutionPeriod({ period }, now);
