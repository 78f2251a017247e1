/** A chart in words. */
import type { ReportChart } from './content.js';
import { formatDay, formatValue } from './format.js';

/** A chart for those who do not see it. */
export function describedChart({ unit, metric, points }: ReportChart): string {
  const known = points.filter(
    (point): point is { time: string; day: string; value: number } => point.value !== null,
  );
  if (known.length === 0) return 'Nothing was counted.';
  const sorted = [...known].sort((a, b) => a.value - b.value);
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  if (least.value === most.value) return `${formatValue(most.value, unit, metric)} each day.`;
  const words = ({ day, value }: { day: string; value: number }): string =>
    `${formatValue(value, unit, metric)} on ${formatDay(day, false)}`;
  return `Most: ${words(most)}. Least: ${words(least)}.`;
}
