/** Local forms of dates, described by a pattern such as `MM/DD/YYYY`. */

export interface DateFormat {
  /** As it was given. */
  pattern: string;
  /** RFC 3339; undefined for any other form. The time of day may be left out. Without a time zone it is UTC. */
  parse(text: string): string | undefined;
}

const PARTS = /YYYY|MM?|DD?/g;
const WIDTHS: Record<string, string> = { YYYY: '(\\d{4})', M: '(\\d{1,2})', D: '(\\d{1,2})' };
/** What may follow the date in a pattern; the time of day is read in whatever form it has. */
const TIME_PATTERN = /[ T,]+(?:HH?|hh?)[:.]mm(?:[:.]ss(?:[.,]S{1,9})?)?(?: ?[Aa])?(?: ?(?:Z|XXX?))?$/;
const TIME = String.raw`(?:[ T,]{1,3}(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?\s{0,2}([AaPp])?\.?(?:[Mm]\.?)?\s{0,2}(Z|UTC|[+-]\d{2}:?\d{2})?)?`;

/** @throws Error if it is no pattern */
export function dateFormat(pattern: string): DateFormat {
  const date = pattern.replace(TIME_PATTERN, '');
  const order = (date.match(PARTS) ?? []).map((part) => part[0]!);
  const between = date.replaceAll(PARTS, '');
  if ([...order].sort().join('') !== 'DMY' || !/^[-/. ]{0,4}$/.test(between)) {
    throw new Error(
      `"${pattern}" is no form of a date; it has YYYY, MM and DD, such as MM/DD/YYYY, DD.MM.YYYY or YYYY/MM/DD`,
    );
  }
  const source = date
    .replaceAll(/[./]/g, String.raw`\$&`)
    .replaceAll(PARTS, (part) => WIDTHS[part] ?? WIDTHS[part[0]!]!);
  const form = new RegExp(`^${source}${TIME}$`);
  const places = ['Y', 'M', 'D'].map((part) => order.indexOf(part) + 1);
  return {
    pattern,
    parse(text) {
      const match = form.exec(text);
      if (match === null) return undefined;
      const [year, month, day] = places.map((place) => match[place]!) as [string, string, string];
      const [hour = '0', minute = '00', second = '00', half, zone = 'Z'] = match.slice(4);
      const offset = /^(?:Z|UTC)$/.test(zone) ? 'Z' : zone.replace(/^(.\d\d):?/, '$1:');
      return `${year}-${two(month)}-${two(day)}T${two(hourOf(hour, half))}:${minute}:${second}${offset}`;
    },
  };
}

const two = (text: string): string => text.padStart(2, '0');

/** 12 AM is 0, 12 PM is 12. */
function hourOf(hour: string, half: string | undefined): string {
  if (half === undefined) return hour;
  const ofHalf = Number(hour) % 12;
  return String(/p/i.test(half) ? ofHalf + 12 : ofHalf);
}
