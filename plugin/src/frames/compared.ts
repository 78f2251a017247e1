/** Values of two periods, of which a stat panel shows the last and the change. */
import { MappingType, type ValueMapping } from '@grafana/data';

/**
 * A stat panel shows the change from the first number to the last. If there is nothing to compare with, an infinite first
 * number hides the change: with a single number, the panel would show 0 %, and with 0 as the first number, infinity.
 */
const NOT_COMPARABLE = Infinity;

/** For a field with values that have nothing before. */
export const NOTHING_BEFORE: ValueMapping = {
  type: MappingType.ValueToText,
  options: { [NOT_COMPARABLE]: { index: 0, text: 'nothing' } },
};

/** The value of the previous period, then that of this one. */
export function comparedValues(
  before: number | null | undefined,
  value: number | null,
): Array<number | null> {
  return [before || NOT_COMPARABLE, value];
}
