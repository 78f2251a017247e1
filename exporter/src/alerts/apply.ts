/** What an evaluation makes of a rule: its new state, its instances, its events, and whom to tell. Pure. */
import { DAY } from '../time.js';
import { parseDuration } from './duration.js';
import type { Evaluation, Observation } from './evaluate.js';
import { isCount } from './evaluate.js';
import type { Reading } from './reading.js';
import { ALERT_STATES, type AlertState, type Instance, MAX_GROUPS, type Rule } from './rule.js';
import { holds, nextState, type Test } from './transition.js';

/** A group without data is expected to come back for so long. */
const EXPECTED_MS = 30 * DAY;

export interface Change {
  from: AlertState;
  instance: Instance;
}

export interface Notice {
  status: 'firing' | 'resolved';
  instance: Instance;
  /** When it began to fire. */
  since: number;
  reason?: string;
}

export interface Applied {
  state: AlertState;
  value: number | null;
  since: number;
  /** All groups, the most relevant first. */
  instances: Instance[];
  changes: Change[];
  notices: Notice[];
  error: string | null;
}

/** Of one rule. */
export type Result =
  { rule: Rule; reading: Reading; applied: Applied } | { rule: Rule; error: string | null };

const testOf = ({ condition, for: pending, repeat_interval }: Rule['settings']): Test => ({
  operator: condition.operator,
  threshold: condition.threshold ?? null,
  forMs: parseDuration(pending),
  repeatMs: parseDuration(repeat_interval),
});

/** The groups that are evaluated even if they have no data. */
export const knownKeys = (known: readonly Instance[], at: number): string[] =>
  known.filter(({ since }) => at - since < EXPECTED_MS).map(({ key }) => key);

export function apply(
  rule: Rule,
  reading: Reading,
  known: readonly Instance[],
  { observations, isCut }: Evaluation,
  at: number,
): Applied {
  const test = testOf(rule.settings);
  const before = new Map(known.map((instance) => [instance.key, instance]));
  const changes: Change[] = [];
  const notices: Notice[] = [];
  const instances = observations.map((observation: Observation): Instance => {
    const was = before.get(observation.key);
    before.delete(observation.key);
    const found = {
      holds: holds(test, observation, isCount(reading)),
      hasData: observation.value !== null,
    };
    const next = nextState(test, was, found, at, rule.evaluatedTo);
    const instance: Instance = {
      ...observation,
      labels: { ...was?.labels, ...observation.labels },
      state: next.state,
      since: next.since,
      notifiedAt: next.notify === undefined ? (was?.notifiedAt ?? null) : at,
    };
    const from = was?.state ?? 'ok';
    if (from !== next.state) changes.push({ from, instance });
    if (next.notify === 'firing') notices.push({ status: 'firing', instance, since: next.since });
    if (next.notify === 'resolved') notices.push({ status: 'resolved', instance, since: was!.since });
    return instance;
  });
  const gone = endInstances([...before.values()], at, 'The group is no longer evaluated.');
  const states = instances.map(({ state }) => state);
  const nothing: AlertState = test.operator === 'no_data' ? 'ok' : 'no_data';
  const state = states.length === 0 ? nothing : ALERT_STATES.findLast((each) => states.includes(each))!;
  return {
    state,
    value: instances.find((instance) => instance.state === state)?.value ?? null,
    since: sinceOf(rule, state, instances, at),
    instances,
    changes: [...changes, ...gone.changes],
    notices: [...notices, ...gone.notices],
    error: isCut
      ? `more than ${MAX_GROUPS.toLocaleString('en')} groups; only the most relevant ${MAX_GROUPS.toLocaleString('en')} are evaluated`
      : null,
  };
}

function sinceOf(rule: Rule, state: AlertState, instances: readonly Instance[], at: number): number {
  const [only] = instances;
  // An alert that is ok has no instance that remembers since when.
  if (only?.key === '' && state !== 'ok') return only.since;
  return state === rule.state && rule.since !== null ? Math.min(rule.since, at) : at;
}

/** Ends instances for a reason other than their values. */
export function endInstances(
  known: readonly Instance[],
  at: number,
  reason: string,
): Pick<Applied, 'changes' | 'notices'> {
  const ended = known.map((was) => ({ was, instance: { ...was, state: 'ok' as const, since: at } }));
  return {
    changes: ended.map(({ was, instance }) => ({ from: was.state, instance })),
    notices: ended.flatMap(({ was, instance }) =>
      was.state === 'firing' ? [{ status: 'resolved' as const, instance, since: was.since, reason }] : [],
    ),
  };
}
