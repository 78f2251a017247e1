/** Evaluates conditions of one tenant. Conditions that read the same share one query. */
import type { ReadPool } from '../db/read-shares.js';
import { type GroupValue, readGroupValues } from '../query/group-values.js';
import type { Range } from '../query/segments.js';
import { DAY } from '../time.js';
import { type Reading, windowOf } from './reading.js';
import { type Comparison, type Condition, type Labels, MAX_GROUPS } from './rule.js';
import { statementOf } from './statement.js';
import type { Observed } from './transition.js';

/** A group that had data within this time before the window is expected to have some. */
const EXPECTED_MS = DAY;
/** Of groups without a name in their dimension. */
export const NO_NAME = 'none';

export interface Observation extends Observed {
  key: string;
  labels: Labels;
}

export interface Evaluation {
  range: Range;
  observations: Observation[];
  /** Whether there were more groups than are evaluated. */
  isCut: boolean;
}

export interface Scope {
  pool: ReadPool;
  tenantId: string;
  /** Windows end here or before. */
  to: number;
  minutesFrom: number;
}

type Known = ReadonlyMap<string, GroupValue>;

const LOOKS_FOR_LITTLE: readonly Comparison[] = ['less_than', 'less_or_equal', 'equal', 'no_data'];

/** 0 is the value of a count of nothing. */
export const isCount = ({ metric }: Reading): boolean =>
  metric.formula.op === 'sum' || metric.formula.op === 'distinct';

export class Evaluator {
  private readonly reads = new Map<string, Promise<Known>>();

  constructor(private readonly scope: Scope) {}

  /** @param known keys of groups that are evaluated also if they have no data any more */
  async evaluate(condition: Condition, reading: Reading, known: readonly string[]): Promise<Evaluation> {
    const range = windowOf(reading, this.scope.to);
    const current = await this.read(condition, reading, range);
    const before =
      reading.back === undefined ? undefined : await this.read(condition, reading, back(range, reading.back));
    const names = condition.group_by ?? [];
    const expected =
      names.length > 0 && expectsGroups(condition, reading)
        ? await this.expected(condition, reading, range)
        : [];
    const keys = new Set([...current.keys(), ...(before?.keys() ?? []), ...expected, ...known]);
    const observations = [...keys].map((key): Observation => {
      const row = current.get(key);
      const nothing = isCount(reading) ? 0 : null;
      const value = row === undefined ? nothing : row.value;
      return {
        key,
        labels: labelsOf(names, key),
        value: before === undefined ? value : changeOf(value, before.get(key)?.value ?? null),
        samples: row?.counted ?? null,
      };
    });
    observations.sort(mostRelevantFirst(condition.operator));
    return {
      range,
      observations: observations.slice(0, MAX_GROUPS),
      isCut: observations.length > MAX_GROUPS,
    };
  }

  /** Groups that had data before the window. */
  private async expected(condition: Condition, reading: Reading, { from }: Range): Promise<string[]> {
    const longer = Math.max(EXPECTED_MS, reading.window);
    return [...(await this.read(condition, reading, { from: from - longer, to: from })).keys()];
  }

  private read(condition: Condition, reading: Reading, range: Range): Promise<Known> {
    const key = `${range.from} ${range.to} ${reading.subject}`;
    let read = this.reads.get(key);
    if (read === undefined) this.reads.set(key, (read = this.query(condition, reading, range)));
    return read;
  }

  private async query(condition: Condition, reading: Reading, range: Range): Promise<Known> {
    const { pool, tenantId, minutesFrom } = this.scope;
    const { dimensions, ...statement } = statementOf(condition, reading, tenantId, range, minutesFrom);
    const rows = await readGroupValues(pool, statement, dimensions);
    return new Map(rows.map((row) => [dimensions > 0 ? JSON.stringify(row.group) : '', row]));
  }
}

const back = ({ from, to }: Range, by: number): Range => ({ from: from - by, to: to - by });

/** Whether a group that has nothing in the window matters: it is not among the results of the query. */
const expectsGroups = ({ operator, compare }: Condition, reading: Reading): boolean =>
  operator === 'no_data' ||
  (compare === undefined && isCount(reading) && LOOKS_FOR_LITTLE.includes(operator));

/** In percent; null if there is nothing to compare with. */
function changeOf(value: number | null, before: number | null): number | null {
  return value === null || before === null || before === 0
    ? null
    : (100 * (value - before)) / Math.abs(before);
}

function labelsOf(names: readonly string[], key: string): Labels {
  if (names.length === 0) return {};
  const group = JSON.parse(key) as (string | number | null)[];
  return Object.fromEntries(names.map((name, i) => [name, String(group[i] ?? NO_NAME)]));
}

/** For alerts on little, the smallest values; nothing at all comes last, or first for `no_data`. */
function mostRelevantFirst(operator: Comparison): (a: Observation, b: Observation) => number {
  const sign = LOOKS_FOR_LITTLE.includes(operator) ? 1 : -1;
  const nothing = operator === 'no_data' ? -Infinity : sign * Infinity;
  return (a, b) => {
    const [x, y] = [a.value ?? nothing, b.value ?? nothing];
    return x === y ? (a.key < b.key ? -1 : 1) : sign * (x < y ? -1 : 1);
  };
}
