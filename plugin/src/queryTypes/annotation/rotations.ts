/** Credential rotations: one annotation per bucket, with the names of the agents. */
import { FieldType, textUtil, type DataFrame } from '@grafana/data';
import { findMetric } from '../../api/catalog';
import { labelsOf } from '../../frames/names';
import { groupOf, readRows } from '../../frames/rows';
import { bucketEnd } from '../../interval';
import type { RequestContext } from '../../queries/context';
import { intervalFor, type Plan } from '../../queries/plan';
import type { AnsweredPlan } from '../../queries/run';
import type { AnnotationTarget } from './query';

export const ROTATIONS = 'credential_rotations';

/** Approximate maximum number of buckets in the range. */
const BUCKETS = 200;
/** Number of agents that are requested per bucket. */
const MAX_AGENTS = 100;
/** Number of agents that an annotation names. The others are counted. */
const NAMED_AGENTS = 10;

/** Credential rotations by bucket, and the agents behind the sums. */
export function planRotations(query: AnnotationTarget, context: RequestContext): Plan<AnnotationTarget> {
  const { from, to } = context.range;
  const interval = intervalFor(ROTATIONS, context, (to - from) / BUCKETS);
  const wire = { metric: ROTATIONS, filters: query.filters, interval };
  return {
    query,
    metric: findMetric(context.catalog, ROTATIONS),
    automatic: true,
    main: { ...wire, groupBy: [] },
    detail: { ...wire, groupBy: ['agent'], limit: MAX_AGENTS },
  };
}

export function rotationFrames(plan: AnsweredPlan): DataFrame[] {
  const sums = readRows(plan.mainResult);
  const starts = sums.time ?? [];
  const agents = agentsByTime(plan);
  const marks = starts.flatMap((start, row) => {
    const count = sums.values[row] ?? 0;
    return count > 0
      ? [{ start, end: bucketEnd(start, starts[row + 1], plan.main.interval) - 1, count }]
      : [];
  });
  if (marks.length === 0) {
    return [];
  }
  const title = (count: number) => (count === 1 ? 'Credential rotation' : `${count} credential rotations`);
  return [
    {
      refId: plan.query.refId,
      length: marks.length,
      fields: [
        { name: 'time', type: FieldType.time, config: {}, values: marks.map(({ start }) => start) },
        { name: 'timeEnd', type: FieldType.time, config: {}, values: marks.map(({ end }) => end) },
        { name: 'title', type: FieldType.string, config: {}, values: marks.map(({ count }) => title(count)) },
        {
          name: 'text',
          type: FieldType.string,
          config: {},
          values: marks.map(({ start }) => textOf(agents.get(start))),
        },
        { name: 'tags', type: FieldType.string, config: {}, values: marks.map(() => 'rotation') },
      ],
    },
  ];
}

type Rotated = Array<{ name: string; count: number }>;

function agentsByTime({ detailResult }: AnsweredPlan): Map<number, Rotated> {
  const byTime = new Map<number, Rotated>();
  if (!detailResult) {
    return byTime;
  }
  const rows = readRows(detailResult);
  rows.values.forEach((value, row) => {
    const time = rows.time?.[row];
    if (time !== undefined && value) {
      const name = labelsOf(rows, groupOf(rows, row)).agentName ?? '';
      byTime.set(time, [...(byTime.get(time) ?? []), { name, count: value }]);
    }
  });
  return byTime;
}

// Grafana renders the text as HTML, and the name of an agent can be any text.
function textOf(agents: Rotated = []): string {
  const named = agents.slice(0, NAMED_AGENTS).map(({ name, count }) => {
    const safe = textUtil.escapeHtml(name);
    return count === 1 ? safe : `${safe} (${count})`;
  });
  const more = agents.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
