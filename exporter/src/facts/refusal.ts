/** Why one item of a request is refused while the others are accepted. */
import { formatTime, MINUTE } from '../time.js';

/** How far ahead of the service's clock a fact may lie, in milliseconds. */
const MAX_AHEAD = 5 * MINUTE;

/** The word for a kind of fact in codes, such as EVENT. */
export type FactKind = Uppercase<string>;
export type RefusalCode<K extends FactKind = FactKind> =
  'VALIDATION_ERROR' | `${K}_TOO_OLD` | `${K}_IN_FUTURE`;

export const refusalCodes = <K extends FactKind>(kind: K): RefusalCode<K>[] => [
  'VALIDATION_ERROR',
  `${kind}_TOO_OLD`,
  `${kind}_IN_FUTURE`,
];

export interface Rejection {
  /** Position in the request. */
  index: number;
  code: RefusalCode;
  message: string;
}

/** The outcome of a request. */
export interface IngestAnswer {
  accepted: number;
  duplicates: number;
  rejected: Rejection[];
}

export class Refusal extends Error {
  constructor(
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message);
  }
}

export const invalid = (message: string): Refusal => new Refusal('VALIDATION_ERROR', message);

/** Splits items into parsed ones and rejections; a bad item never makes it throw. */
export function parseAll<T>(
  raw: readonly unknown[],
  parse: (item: unknown) => T,
): { parsed: T[]; rejected: Rejection[] } {
  const parsed: T[] = [];
  const rejected: Rejection[] = [];
  raw.forEach((item, index) => {
    try {
      parsed.push(parse(item));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      rejected.push({ index, code: error.code, message: error.message });
    }
  });
  return { parsed, rejected };
}

/** The range that the instant of a fact must lie in, milliseconds. */
export interface Bounds {
  now: number;
  /** Start of the raw retention; older facts are refused. */
  oldest: number;
}

/** The code for an instant outside the bounds, and where it lies; undefined for one within them. */
export function outside(
  kind: FactKind,
  instant: number,
  { now, oldest }: Bounds,
): { code: RefusalCode; where: string } | undefined {
  if (instant < oldest) {
    const where = `before ${formatTime(oldest)}, where the kept ${kind.toLowerCase()}s begin`;
    return { code: `${kind}_TOO_OLD`, where };
  }
  if (instant > now + MAX_AHEAD) {
    const where = `more than ${MAX_AHEAD / MINUTE} minutes ahead of the service's clock`;
    return { code: `${kind}_IN_FUTURE`, where };
  }
  return undefined;
}

/** @throws Refusal where a field's instant lies outside the bounds */
export function within(kind: FactKind, field: string, instant: number, bounds: Bounds): number {
  const refused = outside(kind, instant, bounds);
  if (refused !== undefined) throw new Refusal(refused.code, `${field} lies ${refused.where}`);
  return instant;
}
