/** Numbers as spreadsheets write them: with separators of thousands, and with a decimal point or comma. */

export type Decimal = ',' | '.';

/** Without separators of thousands, `1234.5`, or with them, `1,234.5`. */
const PLAIN = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,3})?$/i;
const GROUPED = /^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/;
/** The same with a decimal comma. */
const PLAIN_COMMA = /^[-+]?(?:\d+(?:,\d*)?|,\d+)(?:e[-+]?\d{1,3})?$/i;
const GROUPED_COMMA = /^[-+]?\d{1,3}(?:\.\d{3})+(?:,\d*)?$/;
/** "0,125" has no thousands; "1,234" may have. */
const LEADING_ZERO = /^[-+]?0/;

const compacted = (text: string): string => text.replaceAll(/[\s'’_]/g, '');

function readings(compact: string): { withPoint: number | undefined; withComma: number | undefined } {
  return {
    withPoint: PLAIN.test(compact) || GROUPED.test(compact) ? Number(compact.replaceAll(',', '')) : undefined,
    withComma:
      PLAIN_COMMA.test(compact) || GROUPED_COMMA.test(compact)
        ? Number(compact.replaceAll('.', '').replace(',', '.'))
        : undefined,
  };
}

/** What the numbers of a file tell about its decimal separator, so that "1.234" is not read by chance. */
export class DecimalSigns {
  private commas = false;
  private points = false;
  /** A number that was read with a decimal point, and can have thousands as well. */
  private assumed: string | undefined;

  /** @param delimiter what separates cells; spreadsheets take a semicolon where the comma is the decimal separator */
  constructor(private readonly delimiter: string) {}

  /** Takes a number into account that can be read in one way only. */
  look(text: string): void {
    const compact = compacted(text);
    if (compact.includes(',')) this.commas ||= !GROUPED.test(compact) || LEADING_ZERO.test(compact);
    else if (compact.includes('.')) this.points ||= isOfPoint(compact);
    if (GROUPED_COMMA.test(compact) && !PLAIN.test(compact)) this.commas = true;
  }

  assumePoint(text: string): void {
    this.assumed ??= text;
  }

  /** The number that was assumed to have a decimal point, although others of the file have a decimal comma. */
  get contradicted(): string | undefined {
    return this.commas ? this.assumed : undefined;
  }

  /** Whether a point may separate thousands. */
  get isCommaLikely(): boolean {
    return this.commas || (this.delimiter === ';' && !this.points);
  }
}

/** Whether a number without a comma has a decimal point for certain. */
const isOfPoint = (compact: string): boolean =>
  PLAIN.test(compact) && (!GROUPED_COMMA.test(compact) || LEADING_ZERO.test(compact));

export type NumberRead = { value: number } | { problem: string };

/** @param isWhole whether the number cannot have decimals */
export function readNumber(
  text: string,
  { decimal, isWhole, signs }: { decimal: Decimal | undefined; isWhole: boolean; signs?: DecimalSigns },
): NumberRead {
  const shown = JSON.stringify(text.slice(0, 40));
  const compact = compacted(text);
  const { withPoint, withComma } = readings(compact);
  if (decimal !== undefined) {
    const value = decimal === ',' ? withComma : withPoint;
    return valid(value, ` must be a number, not ${shown}, with "${decimal}" as the decimal separator`);
  }
  if (withPoint !== undefined && withComma !== undefined && withPoint !== withComma) {
    if (LEADING_ZERO.test(compact)) return { value: compact.includes(',') ? withComma : withPoint };
    const mayBeThousands =
      compact.includes(',') || signs?.isCommaLikely === true || (isWhole && !Number.isInteger(withPoint));
    if (mayBeThousands) {
      return {
        problem: ` ${shown} can mean ${withPoint} or ${withComma}; say which with --decimal . or --decimal ,`,
      };
    }
    signs?.assumePoint(text);
  }
  return valid(withPoint ?? withComma, ` must be a number, not ${shown}`);
}

const valid = (value: number | undefined, problem: string): NumberRead =>
  value === undefined || !Number.isFinite(value) ? { problem } : { value };
