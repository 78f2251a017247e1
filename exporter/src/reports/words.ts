/** Sentences that HTML and text share. */
import type { ReportChart, ReportContent } from './content.js';
import { formatDay, formatValue } from './format.js';

/** What the report is limited to; nothing if it is about everything. */
export function describedFilters({
  agent_ids,
  agent_tags,
  environments,
}: ReportContent['filters']): string[] {
  const one = (noun: string, values: readonly string[] = []): string[] =>
    values.length === 0 ? [] : [`${noun}: ${values.join(', ')}`];
  return [...one('Agents', agent_ids), ...one('Tags', agent_tags), ...one('Environments', environments)];
}

/** A chart for those who do not see it. */
export function describedChart({ title, unit, metric, points }: ReportChart): string {
  const known = points.filter(
    (point): point is { time: string; day: string; value: number } => point.value !== null,
  );
  if (known.length === 0) return `${title} by day: nothing was counted.`;
  const sorted = [...known].sort((a, b) => a.value - b.value);
  const words = ({ day, value }: { day: string; value: number }): string =>
    `${formatValue(value, unit, metric)} on ${formatDay(day, false)}`;
  return `${title} by day: most ${words(sorted.at(-1)!)}, least ${words(sorted[0]!)}.`;
}
