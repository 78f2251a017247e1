/** The steps of a funnel as a text of the editor, and what is wrong with them. */
import { labels } from './labels';

const MIN_STEPS = 2;
const MAX_STEPS = 10;

export function parseSteps(text: string): string[] {
  return text
    .split(',')
    .map((step) => step.trim())
    .filter((step) => step !== '');
}

export function formatSteps(steps: readonly string[]): string {
  return steps.join(', ');
}

/** Why these are not the steps of a funnel; undefined if they are. */
export function problemOf({ length }: readonly string[]): string | undefined {
  const { tooFew, tooMany } = labels.steps;
  return length < MIN_STEPS ? tooFew : length > MAX_STEPS ? tooMany : undefined;
}
