/** The queries of one report: each is a query of the catalog, so that it answers what `POST /query` does. */
import { findDimension, findMetric, type Metric } from '../catalog/index.js';
import type { ReadPool } from '../db/read-shares.js';
import { AppError } from '../errors.js';
import { type CatalogQuery, type Filter, MAX_LIMIT, planQuery, type QueryContext } from '../query/plan.js';
import { runQuery } from '../query/run.js';
import type { Range } from '../query/segments.js';
import type { Shown } from './templates.js';

export interface QuestionContext {
  pool: ReadPool;
  tenantId: string;
  range: Range;
  previous: Range;
  timeZone: string;
  /** Those of the report. */
  filters: readonly Filter[];
  minutesFrom: number;
  /** Milliseconds. */
  now: number;
}

export interface Group {
  /** Values of the dimensions. */
  group: (string | null)[];
  /** Their names, where they have one. */
  names: (string | null)[];
  value: number | null;
}

/** A metric as a report shows it: resolved to one that its filters allow. */
export interface Resolved {
  metric: Metric;
  title: string;
  filters: readonly Filter[];
}

export class Questions {
  private readonly said = new Set<string>();
  private readonly leftOut: string[] = [];

  constructor(readonly context: QuestionContext) {}

  /** What the queries had to say of themselves. */
  get notices(): string[] {
    const leftOut =
      this.leftOut.length === 0
        ? []
        : [`Left out, since it is not kept by the filters of this report: ${this.leftOut.join(', ')}.`];
    return [...this.said, ...leftOut];
  }

  /** The same of what the report shows: what is left out is said. */
  shown(shown: Shown, groupBy: readonly string[] = []): Resolved | undefined {
    const resolved = this.resolve(shown, groupBy);
    if (resolved === undefined) {
      const name = shown.title ?? findMetric(shown.metric)?.title ?? shown.metric;
      const titles = groupBy.map((dimension) => findDimension(dimension)?.title.toLowerCase() ?? dimension);
      this.leftOut.push(titles.length === 0 ? name : `${name} by ${titles.join(' and ')}`);
    }
    return resolved;
  }

  /** Undefined where neither metric is kept by the filters of the report and these dimensions. */
  resolve(shown: Shown, groupBy: readonly string[] = []): Resolved | undefined {
    const { filters = [], title } = shown;
    for (const name of [shown.metric, shown.otherwise]) {
      if (name === undefined) continue;
      const all = [...this.context.filters, ...filters];
      if (this.isKept({ refId: name, metric: name, groupBy, filters: all })) {
        const metric = findMetric(name)!;
        return { metric, title: title ?? metric.title, filters: all };
      }
    }
    return undefined;
  }

  async total({ metric, filters }: Resolved, range: Range): Promise<number | null> {
    const [total] = await this.ask({ metric, filters, range });
    return total?.value ?? null;
  }

  /** By day. */
  async days({ metric, filters }: Resolved): Promise<{ time: string; value: number | null }[]> {
    const { range } = this.context;
    const { columns } = await this.run({ refId: 'A', metric: metric.name, filters, interval: 'day' }, range);
    const [times, values] = ['time', 'value'].map(
      (name) => columns.find((column) => column.name === name)!.values,
    );
    return times!.map((time, i) => ({ time: String(time), value: values![i] as number | null }));
  }

  /** The largest first. */
  async groups(
    { metric, filters }: Resolved,
    groupBy: readonly string[],
    range: Range,
    limit = MAX_LIMIT,
  ): Promise<Group[]> {
    return this.ask({ metric, filters, groupBy, range, limit });
  }

  private async ask({
    metric,
    filters,
    groupBy = [],
    range,
    limit,
  }: {
    metric: Metric;
    filters: readonly Filter[];
    groupBy?: readonly string[];
    range: Range;
    limit?: number;
  }): Promise<Group[]> {
    const { columns } = await this.run({ refId: 'A', metric: metric.name, filters, groupBy, limit }, range);
    const valuesOf = (name: string) => columns.find((column) => column.name === name)?.values;
    const text = (value: unknown): string | null => (value == null ? null : String(value));
    return valuesOf('value')!.map((value, row) => ({
      group: groupBy.map((name) => text(valuesOf(name)?.[row])),
      names: groupBy.map((name) => text(valuesOf(`${name}Name`)?.[row])),
      value: value as number | null,
    }));
  }

  private async run(query: CatalogQuery, range: Range) {
    const result = await runQuery(this.context.pool, query, this.queryContext(range));
    for (const notice of result.notices) this.said.add(notice);
    return result;
  }

  private queryContext(range: Range): QueryContext {
    const { tenantId, timeZone, minutesFrom, now } = this.context;
    return { tenantId, range, timeZone, minutesFrom, now };
  }

  private isKept(query: CatalogQuery): boolean {
    try {
      planQuery(query, this.queryContext(this.context.range));
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'VALIDATION_ERROR') return false;
      throw error;
    }
  }
}
