/** Credential rotations as marks: one for each bucket with any, saying whose they were. */
import { FieldType, textUtil, type DataFrame } from '@grafana/data';
import { labelsOf } from '../frames/names';
import { groupOf, readRows } from '../frames/rows';
import { bucketEnd } from '../queries/plan';
import type { AnsweredPlan } from '../queries/run';

/** Agents that one mark names; the rest is counted. */
const NAMED_AGENTS = 10;

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

// Grafana shows the text as HTML, and an agent may be called anything.
function textOf(agents: Rotated = []): string {
  const named = agents.slice(0, NAMED_AGENTS).map(({ name, count }) => {
    const safe = textUtil.escapeHtml(name);
    return count === 1 ? safe : `${safe} (${count})`;
  });
  const more = agents.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
