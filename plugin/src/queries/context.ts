import type { DataQueryRequest } from '@grafana/data';
import type { Catalog } from '../api/types';
import { ianaZone } from './zone';

/** Half-open, milliseconds since the epoch. */
export interface Range {
  from: number;
  to: number;
}

/** The data that all targets of a request share. */
export interface RequestContext {
  range: Range;
  /** Milliseconds per point that the panel can draw. */
  intervalMs: number;
  /** An IANA name. */
  timeZone: string;
  /** Milliseconds since the epoch. */
  now: number;
  catalog?: Catalog;
  datasourceUid: string;
}

export function contextOf(
  { range, intervalMs, timezone }: Pick<DataQueryRequest, 'range' | 'intervalMs' | 'timezone'>,
  datasourceUid: string,
  catalog: Catalog | undefined,
): RequestContext {
  return {
    range: { from: range.from.valueOf(), to: range.to.valueOf() },
    intervalMs,
    timeZone: ianaZone(timezone),
    now: Date.now(),
    catalog,
    datasourceUid,
  };
}

/** The times of a range in the API's format. */
export function isoRange({ from, to }: Range): { from: string; to: string } {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
