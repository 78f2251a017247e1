/** Queries answered from the events themselves, one by one: what `POST /query` must agree with. */
import { counts, type RecountEvent, typesOf, valueOf } from './metric-value.js';
import { bucketOf, bucketsWithin, DAY, hasPartHours, HOUR, MINUTE, toLocal } from './local-time.js';

export interface RecountQuery {
  metric: string;
  groupBy: string[];
  filters: { dimension: string; operator: string; values: (string | number)[] }[];
  interval: string;
}

export interface RecountContext {
  events: readonly RecountEvent[];
  names: ReadonlyMap<string, string>;
  /** Of agents that have some. */
  tags: ReadonlyMap<string, readonly string[]>;
  from: number;
  to: number;
  timeZone: string;
  now: number;
  minutesFrom: number;
}

export type GroupValue = string | number | null;

export interface RecountRow {
  time: number | null;
  group: GroupValue[];
  value: number | null;
}

export interface Recount {
  rows: RecountRow[];
  /** Value of each group over the whole range. */
  totals: RecountRow[];
  /** Number of buckets, at least one. */
  buckets: number;
  /** What the answer must say beside its values. */
  rounded: boolean;
  widened: boolean;
}

const SUB_HOUR = ['minute', '5m', '15m'];
const LOCAL = ['6h', 'day', 'week', 'month'];
const OF_TIME = ['weekday', 'hourOfDay'];
const OF_CALLS = ['endpoint', 'statusCode', 'statusClass'];
const OF_AGENT = ['agent', 'agentTag'];
const STATES = ['days_since_rotation', 'last_rotation_time'];

const floorTo = (value: number, width: number): number => Math.floor(value / width) * width;
const ceilTo = (value: number, width: number): number => Math.ceil(value / width) * width;

const usedBy = ({ groupBy, filters }: RecountQuery): string[] => [
  ...groupBy,
  ...filters.map(({ dimension }) => dimension),
];

/** By agent and endpoint or status together, the hour is the finest that is kept. */
export function keepsMinutes(query: RecountQuery): boolean {
  const used = usedBy(query);
  const ofCalls =
    /^(api_(errors|error_rate|duration)|rate_limited)/.test(query.metric) ||
    used.some((name) => OF_CALLS.includes(name));
  if (used.includes('environment')) return false;
  return !(used.some((name) => OF_AGENT.includes(name)) && ofCalls);
}

export const needsMinutes = ({ interval }: RecountQuery): boolean => SUB_HOUR.includes(interval);

/** The range as it is widened before anything is counted. */
function widened(
  query: RecountQuery,
  { from, to, minutesFrom }: RecountContext,
): { from: number; to: number } {
  const wide = {
    from: floorTo(from, from >= minutesFrom ? MINUTE : HOUR),
    to: ceilTo(to, to > minutesFrom ? MINUTE : HOUR),
  };
  return keepsMinutes(query) ? wide : { from: floorTo(wide.from, HOUR), to: ceilTo(wide.to, HOUR) };
}

export function recount(query: RecountQuery, context: RecountContext): Recount {
  const { from, to } = widened(query, context);
  const { timeZone, minutesFrom } = context;
  const minutes = keepsMinutes(query);
  const ofZone = LOCAL.includes(query.interval) || usedBy(query).some((name) => OF_TIME.includes(name));
  const exact = minutes && from >= minutesFrom;
  const rounded =
    !needsMinutes(query) &&
    ofZone &&
    !exact &&
    hasPartHours(timeZone, from, to) &&
    !STATES.includes(query.metric);
  const wide = { ...widened({ ...query, groupBy: [], filters: [], metric: 'api_calls' }, context) };
  const starts = query.interval === 'none' ? [] : bucketsWithin(query.interval, timeZone, from, to);
  const notes = {
    buckets: Math.max(1, starts.length),
    rounded,
    widened: !minutes && (wide.from !== from || wide.to !== to),
  };
  if (STATES.includes(query.metric)) return { ...recountState(query, context, starts, to), ...notes };

  const placed = context.events
    .filter(({ metricType }) => typesOf(query.metric).includes(metricType))
    .map((event) => {
      const byHour = rounded && (!minutes || event.at < minutesFrom);
      return { event, at: byHour ? floorTo(event.at, HOUR) + HOUR / 2 : event.at };
    })
    .filter(({ event, at }) => at >= from && at < to && passes(query, event, at, context));
  const groups = new Map<
    string,
    { group: GroupValue[]; all: RecountEvent[]; byBucket: Map<number, RecountEvent[]> }
  >();
  if (query.groupBy.length === 0) groups.set('[]', { group: [], all: [], byBucket: new Map() });
  for (const { event, at } of placed) {
    if (!counts(query.metric, event)) continue;
    for (const group of groupsOf(query, event, at, context)) {
      const key = JSON.stringify(group);
      if (!groups.has(key)) groups.set(key, { group, all: [], byBucket: new Map() });
      const { all, byBucket } = groups.get(key)!;
      all.push(event);
      if (query.interval === 'none') continue;
      const { start } = bucketOf(query.interval, timeZone, at);
      byBucket.set(start, [...(byBucket.get(start) ?? []), event]);
    }
  }
  const totals = [...groups.values()].map(({ group, all }) => ({
    time: null,
    group,
    value: valueOf(query.metric, all),
  }));
  const rows = [...groups.values()].flatMap(({ group, byBucket }) =>
    starts.map(({ start }) => ({
      time: start,
      group,
      value: valueOf(query.metric, byBucket.get(start) ?? []),
    })),
  );
  return { rows: query.interval === 'none' ? totals : rows, totals, ...notes };
}

function dimensionOf(name: string, event: RecountEvent, at: number, timeZone: string): GroupValue {
  switch (name) {
    case 'agent':
      return event.agentId;
    case 'endpoint':
      return event.endpoint ?? 'other';
    case 'environment':
      return event.environment;
    case 'statusCode':
      return event.status;
    case 'statusClass':
      return event.status === null ? null : `${Math.floor(event.status / 100)}xx`;
    case 'weekday':
      return new Date(toLocal(timeZone, at)).getUTCDay();
    default:
      return new Date(toLocal(timeZone, at)).getUTCHours();
  }
}

type Filter = RecountQuery['filters'][number];

/** What a dimension is of an event: of the tags of its agent each, otherwise one value. */
function valuesOf(name: string, event: RecountEvent, at: number, context: RecountContext): GroupValue[] {
  if (name !== 'agentTag') return [dimensionOf(name, event, at, context.timeZone)];
  const tags = event.agentId === null ? undefined : context.tags.get(event.agentId);
  return tags === undefined ? [null] : [...tags];
}

/** The groups that an event counts in. Of several values, those that are not asked for are not shown. */
function groupsOf(
  query: RecountQuery,
  event: RecountEvent,
  at: number,
  context: RecountContext,
): GroupValue[][] {
  const isShown = (name: string, value: GroupValue): boolean =>
    query.filters.every(
      (filter) => filter.dimension !== name || filter.operator === 'notIn' || isAsked(filter, value, context),
    );
  return query.groupBy.reduce<GroupValue[][]>(
    (groups, name) => {
      const values = valuesOf(name, event, at, context).filter((value) => isShown(name, value));
      return groups.flatMap((group) => values.map((value) => [...group, value]));
    },
    [[]],
  );
}

/** Whether the glob is the whole text, whatever the case; `*` is all that is special. */
export function globMatches(glob: string, text: string): boolean {
  const [first, ...rest] = glob.toLowerCase().split('*');
  let left = text.toLowerCase();
  if (rest.length === 0) return left === first;
  if (!left.startsWith(first!)) return false;
  left = left.slice(first!.length);
  const last = rest.pop()!;
  for (const part of rest) {
    const at = left.indexOf(part);
    if (at === -1) return false;
    left = left.slice(at + part.length);
  }
  return left.endsWith(last);
}

function passes(
  { filters }: RecountQuery,
  event: RecountEvent,
  at: number,
  context: RecountContext,
): boolean {
  return filters.every((filter) => {
    const isOne = valuesOf(filter.dimension, event, at, context).some((value) =>
      isAsked(filter, value, context),
    );
    return filter.operator === 'notIn' ? !isOne : isOne;
  });
}

/** Whether a value is one of the filter's, or matches one. */
function isAsked(
  { dimension, operator, values }: Filter,
  value: GroupValue,
  context: RecountContext,
): boolean {
  if (value === null) return false;
  if (operator !== 'matches') return values.map(String).includes(String(value));
  const name = dimension === 'agent' ? context.names.get(String(value)) : undefined;
  const texts = [value, name].filter((text) => text !== undefined).map(String);
  return texts.some((text) => values.some((glob) => globMatches(String(glob), text)));
}

/** States at the end of each bucket, which look back past the range. */
function recountState(
  query: RecountQuery,
  context: RecountContext,
  buckets: readonly { start: number; end: number }[],
  to: number,
): Pick<Recount, 'rows' | 'totals'> {
  const { events, now } = context;
  const agents = [...new Set(events.flatMap(({ agentId }) => (agentId === null ? [] : [agentId])))].filter(
    (agentId) => passes(query, { agentId } as RecountEvent, 0, context),
  );
  const timesOf = (agentId: string, isWanted: (event: RecountEvent) => boolean): number[] =>
    events.filter((event) => event.agentId === agentId && isWanted(event)).map(({ at }) => at);
  const seen = new Map(agents.map((agentId) => [agentId, Math.min(...timesOf(agentId, () => true))]));
  const rotated = new Map(
    agents.map((agentId) => [
      agentId,
      timesOf(agentId, ({ metricType }) => metricType === 'credential_rotations').sort((a, b) => b - a),
    ]),
  );
  const stateAt = (agentId: string, end: number): number | null | undefined => {
    const first = seen.get(agentId)!;
    const isPast = (at: number): boolean => at < end || (at === end && end === now);
    if (!isPast(first)) return undefined;
    const last = rotated.get(agentId)!.find(isPast) ?? null;
    return query.metric === 'last_rotation_time' ? last : (end - (last ?? first)) / DAY;
  };
  const overall = Math.min(to, now);
  const known = agents.filter((agentId) => stateAt(agentId, overall) !== undefined);
  const at = (time: number | null, end: number | undefined): RecountRow[] => {
    const groups = new Map<string, number[]>(query.groupBy.length === 0 ? [['[]', []]] : []);
    for (const agentId of known) {
      const state = end === undefined ? null : (stateAt(agentId, end) ?? null);
      for (const group of groupsOf(query, { agentId } as RecountEvent, 0, context)) {
        const key = JSON.stringify(group);
        groups.set(key, [...(groups.get(key) ?? []), ...(state === null ? [] : [state])]);
      }
    }
    return [...groups].map(([key, values]) => ({
      time,
      group: JSON.parse(key) as GroupValue[],
      value: values.length === 0 ? null : Math.max(...values),
    }));
  };
  const totals = at(null, overall);
  if (query.interval === 'none') return { rows: totals, totals };
  const rows = buckets.flatMap(({ start, end }) =>
    at(start, start < now ? Math.min(end, to, now) : undefined),
  );
  return { rows, totals };
}
