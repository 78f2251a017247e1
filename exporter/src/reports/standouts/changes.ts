/** The groups that contribute most to how a sum has changed since the period before. */
import type { Dashboard } from '../../grafana-links.js';
import type { Standout } from '../content.js';
import { formatChange, formatDifference, formatValue } from '../format.js';
import { labelOf } from '../labels.js';
import type { Group } from '../questions.js';
import type { ChangesSpec } from '../templates.js';
import type { StandoutRequest } from './section.js';

/** Of each metric. */
const MAX_CHANGES = 2;
/** Percent of the larger total: a smaller change is noise. */
const LEAST_SHARE = 5;

interface Change {
  group: Group;
  before: number;
  difference: number;
}

export async function largestChanges(request: StandoutRequest): Promise<Standout[]> {
  const found: Standout[] = [];
  for (const spec of request.sections.changes) found.push(...(await changesOf(request, spec)));
  return found;
}

async function changesOf({ questions, links }: StandoutRequest, spec: ChangesSpec): Promise<Standout[]> {
  const { groupBy } = spec;
  const resolved = questions.resolve(spec, [groupBy]);
  // Only what adds up has contributions.
  if (resolved?.metric.formula.op !== 'sum') return [];
  const { range, previous } = questions.context;
  const now = await questions.groups(resolved, [groupBy], range);
  const before = await questions.groups(resolved, [groupBy], previous);
  const largest = Math.max(sumOf(now), sumOf(before));
  const whole = sumOf(now) - sumOf(before);
  const { metric, title } = resolved;
  const money = (value: number): string => formatValue(value, metric.unit, metric.name);
  return differences(now, before)
    .filter(({ difference }) => Math.abs(difference) * 100 >= LEAST_SHARE * largest && difference !== 0)
    .slice(0, MAX_CHANGES)
    .map(({ group, before: was, difference }) => {
      const label = labelOf(groupBy, group.group[0]!, group.names[0]!);
      const rate = was > 0 ? `, ${formatChange((difference * 100) / was, metric.unit)}` : '';
      const verb = difference > 0 ? 'rose' : 'fell';
      const share = (difference * 100) / whole;
      // Others may have changed the other way round; then a share of the sum says nothing.
      const part =
        share > 0 && share <= 100
          ? ` That is ${formatValue(share, 'percent')} of the total change of ${formatDifference(whole, metric.unit, metric.name)}.`
          : whole === 0
            ? ' The total is the same as before.'
            : ` The total changed by ${formatDifference(whole, metric.unit, metric.name)}.`;
      return {
        kind: 'change',
        text: `${label}: ${title} ${verb} from ${money(was)} to ${money(group.value ?? 0)} (${formatDifference(difference, metric.unit, metric.name)}${rate}).${part}`,
        value: Number(difference.toFixed(6)),
        unit: metric.unit,
        link:
          groupBy === 'agent'
            ? links.toAgent(group.group[0]!, dashboardOf(groupBy))
            : links.to(dashboardOf(groupBy)),
      };
    });
}

const DASHBOARD_OF: Readonly<Record<string, Dashboard>> = {
  model: 'models',
  tool: 'tools',
  endpoint: 'callPatterns',
};

const dashboardOf = (groupBy: string): Dashboard => DASHBOARD_OF[groupBy] ?? 'executions';

const sumOf = (groups: readonly Group[]): number => groups.reduce((sum, { value }) => sum + (value ?? 0), 0);

/** The largest first. */
function differences(now: readonly Group[], before: readonly Group[]): Change[] {
  const keyOf = ({ group }: Group): string => JSON.stringify(group);
  const was = new Map(before.map((group) => [keyOf(group), group]));
  const gone = new Map(was);
  const changes = now.map((group) => {
    gone.delete(keyOf(group));
    const old = was.get(keyOf(group))?.value ?? 0;
    return { group, before: old, difference: (group.value ?? 0) - old };
  });
  const ended = [...gone.values()].map((group) => ({
    group: { ...group, value: 0 },
    before: group.value ?? 0,
    difference: -(group.value ?? 0),
  }));
  return [...changes, ...ended].sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference));
}
