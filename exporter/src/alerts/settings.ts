/** The settings of an alert from what a caller sends. */
import type { Kept } from './reading.js';
import { invalid, readingOf } from './reading.js';
import { checkTemplate } from './message.js';
import { parseDuration } from './duration.js';
import { type AlertInput, type AlertSettings, type Condition, DEFAULTS } from './rule.js';
import { DAY } from '../time.js';

const MAX_FOR = 30 * DAY;
const MAX_REPEAT = 30 * DAY;
/** Characters of a condition as JSON, so that the alerts of a tenant have a size that they can have. */
const MAX_CHARACTERS = 64 * 1024;

export type NewAlert = AlertInput & Pick<AlertSettings, 'name' | 'condition'>;

/** @throws AppError VALIDATION_ERROR that says what would be right */
export const created = (input: NewAlert, kept: Kept): AlertSettings =>
  checked({ ...DEFAULTS, ...input, actions: actionsOf(DEFAULTS.actions, input) }, kept);

/** @throws AppError VALIDATION_ERROR that says what would be right */
export const changed = (before: AlertSettings, input: AlertInput, kept: Kept): AlertSettings =>
  checked({ ...before, ...input, actions: actionsOf(before.actions, input) }, kept);

function actionsOf(
  before: { channels: readonly string[]; message: string | null },
  { actions = {} }: AlertInput,
): AlertSettings['actions'] {
  return {
    channels: [...new Set(actions.channels ?? before.channels)],
    message: actions.message === undefined ? before.message : actions.message,
  };
}

function checked(settings: AlertSettings, kept: Kept): AlertSettings {
  const { condition, actions } = settings;
  checkThreshold(condition);
  const { length } = JSON.stringify(condition);
  if (length > MAX_CHARACTERS) {
    throw invalid(
      `field condition has ${length} characters as JSON, and may have ${MAX_CHARACTERS}: filter by fewer values, or by a ` +
        'pattern with the operator matches',
    );
  }
  const reading = readingOf(condition, kept);
  if (parseDuration(settings.for) > MAX_FOR)
    throw invalid(`field for must be at most 30d, not "${settings.for}"`);
  if (parseDuration(settings.repeat_interval) > MAX_REPEAT) {
    throw invalid(
      `field repeat_interval must be at most 30d, or 0 for never, not "${settings.repeat_interval}"`,
    );
  }
  if (actions.message !== null) checkTemplate(actions.message, reading);
  return { ...settings, condition: stored(condition) };
}

function checkThreshold({ operator, threshold, compare }: Condition): void {
  if (operator === 'no_data') {
    if (compare !== undefined)
      throw invalid('field condition.compare must be left out with the operator no_data');
    return;
  }
  if (threshold === undefined || threshold === null) {
    throw invalid(
      `field condition.threshold is missing: a number to compare with, ${compare === undefined ? 'in the unit of the metric' : 'a change in percent'}`,
    );
  }
}

/** Always with a threshold, so that it is shown with every alert. */
const stored = (condition: Condition): Condition => ({
  ...condition,
  threshold: condition.threshold ?? null,
});

/** What changes of a firing alert can be made without ending it. */
const HARMLESS: readonly (keyof AlertSettings)[] = ['for', 'repeat_interval'];

/** Whether the state of the alert says nothing of its new settings. */
export function startsAnew(before: AlertSettings, after: AlertSettings): boolean {
  const rest = ({ actions, ...settings }: AlertSettings): string =>
    JSON.stringify([
      actions.channels,
      ...Object.entries(settings)
        .filter(([name]) => !HARMLESS.includes(name as keyof AlertSettings))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ]);
  return rest(before) !== rest(after);
}
