/**
 * Recognises executions that an earlier release imported. It derived the id of a row from its cells and the values of
 * `--set`, so that another value gave another id. Where its row comes again, it gets the id that the row has now, and is
 * then replaced like any other.
 */
import type { Pool } from 'pg';
import { withTransaction } from '../../db/pool.js';
import { parseTime } from '../../time.js';
import { derivedId } from '../derived-id.js';
import { columnFields, looseTime } from './csv-cell.js';
import type { ReadRow } from './csv-row.js';

type Stored = { id: string; started_at: Date } & Record<string, unknown>;

/** The id that an earlier release derived. */
const earlierId = (
  cells: readonly string[],
  constants: Readonly<Record<string, string>>,
  ordinal: number,
): string => derivedId(JSON.stringify([cells, constants]), ordinal);

/** More fields in another order are not tried. */
const MAX_FIELDS = 4;

export class EarlierIds {
  /** Fields that may have been set, in their order; the ones that gave an id come first. */
  private readonly guesses: (readonly string[])[];

  constructor(
    private readonly pool: Pool,
    /** Values of `--set` by field. */
    private readonly constants: Readonly<Record<string, string>>,
  ) {
    this.guesses = guessesOf(Object.keys(constants));
  }

  /** Gives executions that are stored under an earlier id the id of their row. */
  async renew(tenantId: string, rows: readonly ReadRow[]): Promise<void> {
    const derived = rows.flatMap(({ execution, derived }) =>
      derived === undefined
        ? []
        : [{ execution, ...derived, earlier: earlierId(derived.cells, this.constants, derived.ordinal) }],
    );
    if (derived.length === 0) return;
    const ids = derived.flatMap(({ execution, earlier }) => [execution.id as string, earlier]);
    const known = await this.pool.query<{ id: string }>(
      'SELECT id FROM executions WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
      [tenantId, ids],
    );
    const stored = new Set(known.rows.map(({ id }) => id));
    const renamed = new Map<string, string>();
    const unknown: typeof derived = [];
    for (const row of derived) {
      const id = row.execution.id as string;
      if (stored.has(id)) continue;
      if (stored.has(row.earlier)) renamed.set(row.earlier, id);
      else unknown.push(row);
    }
    if (unknown.length > 0) await this.findChanged(tenantId, unknown, renamed);
    if (renamed.size > 0) await rename(this.pool, tenantId, renamed);
  }

  /** Values of `--set` that were changed since then are those of the stored execution. */
  private async findChanged(
    tenantId: string,
    rows: readonly { execution: ReadRow['execution']; cells: readonly string[]; ordinal: number }[],
    renamed: Map<string, string>,
  ): Promise<void> {
    const timesOf = rows.map(({ cells }) => cells.flatMap(timesOfCell));
    const { rows: found } = await this.pool.query<Stored>(
      `SELECT e.*, a.name AS agent_name FROM executions e
         LEFT JOIN agents a ON a.tenant_id = e.tenant_id AND a.id = e.agent_id
       WHERE e.tenant_id = $1 AND e.started_at = ANY ($2::timestamptz[]) AND substr(e.id::text, 15, 1) = '8'`,
      [tenantId, [...new Set(timesOf.flat())].map((time) => new Date(time))],
    );
    const byTime = new Map<number, Stored[]>();
    for (const one of found) {
      const at = one.started_at.getTime();
      byTime.set(at, [...(byTime.get(at) ?? []), one]);
    }
    rows.forEach(({ execution, cells, ordinal }, i) => {
      const candidates = timesOf[i]!.flatMap((time) => byTime.get(time) ?? []);
      const match = candidates.find((stored) => this.isOf(stored, cells, ordinal));
      if (match !== undefined) renamed.set(match.id, execution.id as string);
    });
  }

  private isOf(stored: Stored, cells: readonly string[], ordinal: number): boolean {
    const at = this.guesses.findIndex((fields) => {
      const constants: Record<string, string> = {};
      for (const field of fields) {
        const value = stored[field];
        if (value === null || value === undefined) return false;
        constants[field] = textOf(value);
      }
      return earlierId(cells, constants, ordinal) === stored.id;
    });
    if (at > 0) this.guesses.unshift(...this.guesses.splice(at, 1));
    return at >= 0;
  }
}

/** Where the id of an execution stands. */
const PLACES = [
  ['executions', 'id'],
  ['execution_steps', 'execution_id'],
  ['token_usages', 'execution_id'],
  ['budget_reservations', 'settled_by'],
] as const;

async function rename(pool: Pool, tenantId: string, ids: ReadonlyMap<string, string>): Promise<void> {
  const values = [tenantId, [...ids.keys()], [...ids.values()]];
  await withTransaction(pool, async (client) => {
    for (const [table, column] of PLACES) {
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
