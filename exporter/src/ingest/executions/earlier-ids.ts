/**
 * Recognises executions that an earlier release imported. It derived the id of a row from its cells and the values of
 * `--set`, so that another value gave another id. Where its row comes again, it gets the id that the row has now, and is
 * then replaced like any other.
 */
import type { Pool } from 'pg';
import { withTransaction } from '../../db/pool.js';
import { EXECUTION } from '../../facts/execution/columns.js';
import { RESERVATION } from '../../facts/reservation/columns.js';
import { STEP } from '../../facts/step/columns.js';
import { USAGE } from '../../facts/usage/columns.js';
import { parseTime } from '../../time.js';
import { derivedId } from '../derived-id.js';
import { columnFields, looseTime } from './csv-cell.js';
import type { ReadRow } from './csv-row.js';

type Constants = Readonly<Record<string, string>>;
type Stored = Record<string, unknown>;
interface Row {
  execution: ReadRow['execution'];
  cells: readonly string[];
  ordinal: number;
}

/** The id that an earlier release derived. */
const earlierId = ({ cells, ordinal }: Row, constants: Constants): string =>
  derivedId(JSON.stringify([cells, constants]), ordinal);

/** More fields in another order are not tried. */
const MAX_FIELDS = 4;
/** Rows of a batch for which other values are tried, and those of an import for which none of them was right. */
const TRIED = 3;
const MAX_FAILED = 30;
/** Stored executions of a time whose values are tried. All of one import have the same. */
const CANDIDATES = 10;
/** Earlier imports of a file with values of their own. */
const MAX_KNOWN = 8;

export class EarlierIds {
  /** Fields that may have been set, in their order. */
  private readonly guesses: (readonly string[])[];
  /** The values of `--set` that are known to have given ids. Those of one row are those of all of its import. */
  private readonly known: Constants[];
  private failed = 0;

  constructor(
    private readonly pool: Pool,
    /** Values of `--set` by field. */
    constants: Constants,
  ) {
    this.guesses = guessesOf(Object.keys(constants));
    this.known = [constants];
  }

  /** Gives executions that are stored under an earlier id the id of their row. */
  async renew(tenantId: string, rows: readonly ReadRow[]): Promise<void> {
    const derived = rows.flatMap(({ execution, derived }): Row[] =>
      derived === undefined ? [] : [{ execution, ...derived }],
    );
    if (derived.length === 0) return;
    const own = await this.stored(
      tenantId,
      derived.map(({ execution }) => execution.id as string),
    );
    const unknown = await this.rename(
      tenantId,
      derived.filter(({ execution }) => !own.has(execution.id as string)),
      this.known,
    );
    if (await this.learn(tenantId, unknown)) await this.rename(tenantId, unknown, this.known.slice(0, 1));
  }

  /** @returns the rows that are not stored under an id that these values gave */
  private async rename(
    tenantId: string,
    rows: readonly Row[],
    known: readonly Constants[],
  ): Promise<readonly Row[]> {
    if (rows.length === 0) return rows;
    const ids = rows.map((row) => known.map((constants) => earlierId(row, constants)));
    const stored = await this.stored(tenantId, ids.flat());
    const renamed = new Map<string, string>();
    const unknown = rows.filter(({ execution }, i) => {
      const earlier = ids[i]!.find((id) => stored.has(id));
      if (earlier !== undefined) renamed.set(earlier, execution.id as string);
      return earlier === undefined;
    });
    if (renamed.size > 0) await rename(this.pool, tenantId, renamed);
    return unknown;
  }

  /**
   * Values of `--set` that have changed since then are those of the stored executions. Only some rows are tried, because
   * the others follow from them. @returns whether values were found; they come first then
   */
  private async learn(tenantId: string, rows: readonly Row[]): Promise<boolean> {
    for (const row of spread(rows, TRIED)) {
      if (this.failed >= MAX_FAILED || this.known.length >= MAX_KNOWN) return false;
      const tried = this.valuesTried(await this.candidates(tenantId, row), row);
      if (tried.size === 0) continue;
      const [found] = await this.stored(tenantId, [...tried.keys()]);
      if (found !== undefined) {
        this.known.unshift(tried.get(found)!);
        return true;
      }
      this.failed += 1;
    }
    return false;
  }

  /** Some that were imported without an id of their own, from a time that the row names. */
  private async candidates(tenantId: string, { execution, cells }: Row): Promise<Stored[]> {
    const times = new Set([...cells, String(execution.started_at)].flatMap(timesOfCell));
    const { rows } = await this.pool.query<Stored>(
      `SELECT e.*, a.name AS agent_name FROM unnest($2::timestamptz[]) AS at CROSS JOIN LATERAL (
         SELECT * FROM executions
         WHERE tenant_id = $1 AND started_at = at AND substr(id::text, 15, 1) = '8' ORDER BY id LIMIT ${CANDIDATES}
       ) e LEFT JOIN agents a ON a.tenant_id = e.tenant_id AND a.id = e.agent_id`,
      [tenantId, [...times].map((time) => new Date(time))],
    );
    return rows;
  }

  /** The values that may have been set, by the id that they would have given. */
  private valuesTried(candidates: readonly Stored[], row: Row): Map<string, Constants> {
    const tried = new Map<string, Constants>();
    for (const fields of this.guesses) {
      for (const stored of candidates) {
        const values = fields.flatMap((field): [string, string][] => {
          const value = stored[field];
          return value === null || value === undefined ? [] : [[field, textOf(value)]];
        });
        if (values.length < fields.length) continue;
        const constants = Object.fromEntries(values);
        tried.set(earlierId(row, constants), constants);
      }
    }
    return tried;
  }

  /** Which of these are stored. */
  private async stored(tenantId: string, ids: readonly string[]): Promise<Set<string>> {
    const { rows } = await this.pool.query<{ id: string }>(
      'SELECT id FROM executions WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
      [tenantId, ids],
    );
    return new Set(rows.map(({ id }) => id));
  }
}

/** The first, the last, and others between them. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
}

/** Where the id of an execution stands. */
const PLACES = [EXECUTION, STEP, USAGE, RESERVATION].flatMap(({ name, all }) =>
  all.flatMap(({ column, options }) => (options.isExecution === true ? [{ table: name, column }] : [])),
);

async function rename(pool: Pool, tenantId: string, ids: ReadonlyMap<string, string>): Promise<void> {
  const values = [tenantId, [...ids.keys()], [...ids.values()]];
  await withTransaction(pool, async (client) => {
    for (const { table, column } of PLACES) {
      await client.query(
        `UPDATE ${table} t SET ${column} = ids.now FROM unnest($2::uuid[], $3::uuid[]) AS ids (earlier, now)
         WHERE t.tenant_id = $1 AND t.${column} = ids.earlier`,
        values,
      );
    }
  });
}

const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(';') : String(value));

function timesOfCell(cell: string): number[] {
  const loose = looseTime(cell.trim());
  const time = loose === undefined ? undefined : parseTime(loose);
  return time === undefined ? [] : [time];
}

/** The same fields, some of them, or one more; a few of them also in another order. */
function guessesOf(fields: readonly string[]): (readonly string[])[] {
  const guesses = new Map<string, readonly string[]>();
  const add = (guess: readonly string[]): void => void guesses.set(guess.join(), guess);
  add(fields);
  add([]);
  const some =
    fields.length <= MAX_FIELDS ? arrangements(fields) : fields.map((one) => fields.filter((f) => f !== one));
  for (const guess of some) add(guess);
  for (const more of columnFields) {
    if (fields.includes(more)) continue;
    for (let at = fields.length; at >= 0; at -= 1) add(fields.toSpliced(at, 0, more));
  }
  return [...guesses.values()];
}

/** All choices of some of these, in every order. */
function arrangements(fields: readonly string[]): string[][] {
  return fields.flatMap((field) => {
    const others = arrangements(fields.filter((one) => one !== field));
    return [[field], ...others.map((rest) => [field, ...rest])];
  });
}
