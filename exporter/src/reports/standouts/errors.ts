/** Kinds of failures that the period before did not have. */
import type { Standout } from '../content.js';
import { formatValue } from '../format.js';
import { failedRuns } from '../templates.js';
import type { StandoutRequest } from './section.js';

const MAX_ERRORS = 3;

export async function newErrors({ questions, links }: StandoutRequest): Promise<Standout[]> {
  const resolved = questions.resolve(failedRuns, ['errorType']);
  if (resolved === undefined) return [];
  const { range, previous } = questions.context;
  const now = await questions.groups(resolved, ['errorType'], range);
  const before = await questions.groups(resolved, ['errorType'], previous);
  const known = new Set(before.filter(({ value }) => value !== 0).map(({ group }) => group[0]));
  return now
    .filter(({ group: [type], value }) => type != null && (value ?? 0) > 0 && !known.has(type))
    .slice(0, MAX_ERRORS)
    .map(({ group: [type], value }) => ({
      kind: 'new_error',
      text: `New error ${type!}: ${formatValue(value, resolved.metric.unit)} failed ${value === 1 ? 'execution' : 'executions'}, none in the period before.`,
      value,
      unit: resolved.metric.unit,
      link: links.to('executions'),
    }));
}
