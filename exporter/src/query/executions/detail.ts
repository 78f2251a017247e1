/**
 * An execution with its children, steps and token usages. It may have more of them than fit into one answer: what is read
 * is bounded in the database, and a cursor leads to the rest.
 */
import { bytesOf, firstThatFit, fitting } from '../../db/page-bytes.js';
import type { ReadPool } from '../../db/read-shares.js';
import { AppError } from '../../errors.js';
import type { Columns, FactTable, Shown } from '../../facts/column.js';
import { showing, shownSql } from '../../facts/shown.js';
import { STEP } from '../../facts/step/columns.js';
import { USAGE } from '../../facts/usage/columns.js';
import { Pauses } from '../../pause.js';
import { MAX_ANSWER_BYTES } from '../budget.js';
import { decodeCursor, encodeCursor } from '../reports/cursor.js';
import { readExecutions, type ShownExecution } from './list.js';
import { type Child, childrenOf } from './tree.js';

/** Steps, and token usages, of one answer. */
export const MAX_DETAIL_PARTS = 10_000;
/** Bytes of the steps and token usages of one answer, as JSON. The rest is for the execution and its children. */
export const MAX_DETAIL_BYTES = 0.75 * MAX_ANSWER_BYTES;

type Step = Shown<typeof STEP.columns>;
type Usage = Shown<typeof USAGE.columns>;

export type ExecutionDetail = ShownExecution & {
  /** The earliest ones, at most `MAX_CHILDREN`. */
  children: Child[];
  steps: Step[];
  token_usages: Usage[];
  /** Null if there are no more steps and token usages. */
  next_cursor: string | null;
};

/** Parts of an execution in the order of `place`, a whole number. */
interface Parts<T> {
  table: FactTable<Columns>;
  place: string;
  /** Bytes of what may be long in one. The length of a text is known without reading it. */
  size: string;
  show: (row: Record<string, unknown>) => T;
}
const STEPS: Parts<Step> = {
  ...{ table: STEP, place: 'step_number', size: bytesOf('content') },
  show: showing(STEP),
};
const USAGES: Parts<Usage> = { table: USAGE, place: 'position', size: '0', show: showing(USAGE) };

/** Before the first part. */
const START = -1;

/** $1 the tenant, $2 the execution, $3 the place after which it begins, $4 the bytes, $5 the rows. */
const partsSql = ({ table, place, size }: Omit<Parts<unknown>, 'show'>): string =>
  firstThatFit(
    `SELECT ${shownSql(table, 'p')}, p.${place} AS part_place FROM ${table.name} p
     WHERE p.tenant_id = $1 AND p.execution_id = $2 AND p.${place} > $3 ORDER BY p.${place} LIMIT $5`,
    { size, order: 'page.part_place', maxBytes: '$4' },
  );

interface Page<T> {
  parts: T[];
  bytes: number;
  /** Of the last part. */
  place: number;
  more: boolean;
}

async function readParts<T>(
  pool: ReadPool,
  tenantId: string,
  id: string,
  { show, ...of }: Parts<T>,
  after: number,
  maxBytes: number,
): Promise<Page<T>> {
  const limit = MAX_DETAIL_PARTS;
  const read = await pool.query<Record<string, unknown>>(partsSql(of), [
    ...[tenantId, id, after],
    ...[maxBytes, limit + 1],
  ]);
  const { rows, more } = fitting(read.rows, limit);
  const page: Page<T> = { parts: [], bytes: 0, place: after, more };
  const pauses = new Pauses();
  for (const { part_place, ...row } of rows) {
    const part = show(row);
    // A character that JSON escapes has up to six times its bytes.
    page.bytes += Buffer.byteLength(JSON.stringify(part));
    if (page.bytes > maxBytes && page.parts.length > 0) return { ...page, more: true };
    page.parts.push(part);
    page.place = part_place as number;
    if (pauses.isDue) await pauses.take();
  }
  return page;
}

/** @throws AppError EXECUTION_NOT_FOUND for one of another tenant or of none; VALIDATION_ERROR for a bad cursor */
export async function executionDetail(
  pool: ReadPool,
  tenantId: string,
  id: string,
  cursor?: string,
): Promise<ExecutionDetail> {
  const [afterStep, afterUsage] = cursor === undefined ? [START, START] : placesOf(cursor);
  const [execution] = await readExecutions(pool, tenantId, [id]);
  if (execution === undefined) throw new AppError('EXECUTION_NOT_FOUND', `there is no execution "${id}"`);
  const children = await childrenOf(pool, tenantId, id);
  const steps = await readParts(pool, tenantId, id, STEPS, afterStep, MAX_DETAIL_BYTES);
  const left = MAX_DETAIL_BYTES - steps.bytes;
  // Usages begin where the steps have ended, so that there is one place to continue from.
  const usages =
    steps.more || left <= 0
      ? { parts: [], place: afterUsage, more: true }
      : await readParts(pool, tenantId, id, USAGES, afterUsage, left);
  return {
    ...execution,
    children,
    steps: steps.parts,
    token_usages: usages.parts,
    next_cursor: usages.more ? encodeCursor([steps.place, usages.place]) : null,
  };
}

function placesOf(cursor: string): [number, number] {
  const places = decodeCursor(cursor, ['number', 'number']) as [number, number];
  if (places.every((place) => Number.isInteger(place) && place >= START && place < 2 ** 31)) return places;
  throw new AppError('VALIDATION_ERROR', 'cursor must be the next_cursor of the page before');
}
