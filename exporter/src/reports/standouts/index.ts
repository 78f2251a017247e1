/** What stands out in a report. Everything is computed; where nothing does, nothing is said. */
import type { Standout } from '../content.js';
import { nearBudgets } from './budgets.js';
import { largestChanges } from './changes.js';
import { newErrors } from './errors.js';
import { recommendations } from './recommendations.js';
import type { StandoutRequest } from './section.js';

export async function standouts(request: StandoutRequest): Promise<Standout[]> {
  const { sections } = request;
  return [
    ...(sections.budgets ? await nearBudgets(request) : []),
    ...(await largestChanges(request)),
    ...(sections.errors ? await newErrors(request) : []),
    ...(sections.recommendations ? await recommendations(request) : []),
  ];
}
