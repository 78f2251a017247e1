/** Reads a foreign PostgreSQL table in pages, ordered by time: no long transaction, constant memory. */
import pg from 'pg';
import { KEEP_ALIVE, letTakeLong, SILENCE_MS, watchSilence } from '../db/silence.js';
import { messageOf } from '../errors.js';
import { formatTime } from '../time.js';
import { derivedId } from './derived-id.js';
import { isUuid } from '../ids.js';
import {
  isTime,
  type Mapping,
  type SourceColumn,
  type SourceField,
  SOURCE_FIELDS,
} from './postgres-columns.js';
import type { EventKey } from './replaced-events.js';

const PAGE = 5_000;
const CONNECT_MS = 10_000;
const TABLES_SHOWN = 20;
const MANY_ROWS = 100_000;

const quote = pg.escapeIdentifier;

export interface SourceRow {
  tenantId: string;
  /** In the wire format. */
  event: Record<string, unknown>;
  /** Identifies the row in messages. */
  key: string;
  /** Where its event may be stored since an earlier import. */
  earlier: EventKey[];
}

export interface SourcePage {
  rows: SourceRow[];
  /** Time of the last row, in milliseconds. */
  until: number;
}

type TextRow = Record<string, string | null>;

export class PostgresSource {
  private constructor(
    private readonly client: pg.Client,
    /** Quoted identifier. */
    private readonly table: string,
    /** `database/schema.table` */
    readonly name: string,
    readonly columns: readonly SourceColumn[],
    /** The planner's estimate of the number of rows; undefined if the table was never analyzed. */
    readonly estimate: number | undefined,
    /** Columns that are the first column of an index. */
    private readonly indexed: ReadonlySet<string>,
  ) {}

  /**
   * @param table with or without its schema
   * @throws Error naming the wrong option. It never contains the URL, which may contain a password.
   */
  static async open(url: string, table: string): Promise<PostgresSource> {
    const config = {
      connectionString: url,
      connectionTimeoutMillis: CONNECT_MS,
      application_name: 'agentidp-analytics import',
      ...KEEP_ALIVE,
    };
    const client = new pg.Client(config);
    // An error during a query also rejects that query.
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (error) {
      throw new Error(`--url: cannot connect: ${messageOf(error) || 'the server refuses'}`, { cause: error });
    }
    watchSilence(client, config, SILENCE_MS);
    // The server is not ours, so a page may take as long as it needs.
    letTakeLong(client);
    try {
      await client.query(
        `SET TIME ZONE 'UTC'; SET default_transaction_read_only = on; SET datestyle = 'ISO'`,
      );
      return new PostgresSource(client, ...(await describe(client, table)));
    } catch (error) {
      await client.end();
      throw error;
    }
  }

  /** Whether each page scans the whole table. */
  isSlow({ time }: Mapping): boolean {
    return !this.indexed.has(time.name) && (this.estimate ?? 0) > MANY_ROWS;
  }

  /** Number of rows without time or key, which cannot be imported. Counts only if the columns are nullable, up to 1,000. */
  async incomplete({ time, key }: Mapping): Promise<number> {
    const nullable = [time, ...key].filter(({ notNull }) => !notNull);
    if (nullable.length === 0) return 0;
    const missing = nullable.map(({ name }) => `${quote(name)} IS NULL`).join(' OR ');
    const { rows } = await this.client.query<{ count: string }>(
      `SELECT count(*) FROM (SELECT FROM ${this.table} WHERE ${missing} LIMIT 1000) AS incomplete`,
    );
    return Number(rows[0]?.count ?? 0);
  }

  /**
   * The rows from `from` to `until` inclusive, in order. If the time is a date, only days that are over: the row of the
   * current day may still change, and each row is imported once.
   * @param from milliseconds; undefined: from the start
   */
  async *pages(mapping: Mapping, from: number | undefined, until: number): AsyncGenerator<SourcePage> {
    const times = this.columns.filter(isTime);
    const { sql, order } = this.statement(mapping, times);
    let after: (string | null)[] | undefined;
    for (;;) {
      const first = after === undefined;
      const bounds = [
        from === undefined ? '-infinity' : formatTime(from),
        formatTime(until),
        mapping.tenantId ?? null,
      ];
      const { rows } = await this.client.query<TextRow>(sql(first), first ? bounds : [...bounds, ...after!]);
      if (rows.length === 0) return;
      const last = rows.at(-1)!;
      after = order.map((_, i) => last[`k${i}`]!);
      yield {
        rows: rows.map((row) => this.toRow(row, mapping, order, times)),
        until: Date.parse(last.occurredAt!),
      };
      if (rows.length < PAGE) return;
    }
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  private statement(
    { columns, time, key, tenantId }: Mapping,
    times: readonly SourceColumn[],
  ): {
    sql: (first: boolean) => string;
    order: SourceColumn[];
  } {
    const order = [time, ...key.filter((column) => column !== time)];
    const fields = SOURCE_FIELDS.filter((field) => columns[field] !== undefined && field !== 'occurredAt');
    const select = [
      `${wireTime(time)} AS "occurredAt"`,
      ...fields.map((field) => `${quote(columns[field]!.name)}::text AS "${field}"`),
      ...order.map(({ name }, i) => `${quote(name)}::text AS k${i}`),
      ...times.flatMap((column, i) => [
        `${quote(column.name)}::text AS t${i}`,
        `${wireTime(column)} AS w${i}`,
      ]),
    ];
    const tenant = columns.tenantId;
    const conditions = [
      `${quote(time.name)} >= $1::${time.type}`,
      time.type === 'date'
        ? `${quote(time.name)} < $2::timestamptz::date`
        : `${quote(time.name)} <= $2::${time.type}`,
      // Without a column to compare with, this gives the parameter a type.
      tenant !== undefined && tenantId !== undefined
        ? `${quote(tenant.name)}::text = $3`
        : '$3::text IS NOT DISTINCT FROM $3',
    ];
    // Qualified: in ORDER BY a bare name would mean the output column, in which `id` is text.
    const names = order.map(({ name }) => `source.${quote(name)}`).join(', ');
    const after = order.map(({ type }, i) => `$${i + 4}::${type}`).join(', ');
    const sql = (first: boolean): string =>
      `SELECT ${select.join(', ')} FROM ${this.table} AS source
       WHERE ${conditions.join(' AND ')}${first ? '' : ` AND (${names}) > (${after})`}
       ORDER BY ${names} LIMIT ${PAGE}`;
    return { sql, order };
  }

  private toRow(
    row: TextRow,
    { columns, values, tenantId, key }: Mapping,
    order: readonly SourceColumn[],
    times: readonly SourceColumn[],
  ): SourceRow {
    const texts = new Map(order.map((column, i) => [column, row[`k${i}`]!]));
    const event: Record<string, unknown> = { occurredAt: row.occurredAt, ...Object.fromEntries(values) };
    for (const field of SOURCE_FIELDS) {
      const text = row[field];
      if (field === 'tenantId' || columns[field] === undefined || text === null || text === undefined)
        continue;
      event[field] = text;
    }
    for (const field of NUMBERS) if (event[field] !== undefined) event[field] = Number(event[field]);
    // If the row's id is a UUID, it is the event's id, so that an event sent by other means counts once.
    // Otherwise it is of the row's key alone, so that the same row read under another mapping replaces the event.
    const own = derivedId(JSON.stringify([this.name, ...key.map((column) => texts.get(column)!)]));
    const id = isUuid(row.id) ? row.id.toLowerCase() : own;
    event.id = id;
    const earlier = times.flatMap((time, i): EventKey[] => {
      const text = row[`t${i}`];
      const occurredAt = Date.parse(row[`w${i}`] ?? '');
      // Null, or one such as `infinity`.
      if (Number.isNaN(occurredAt)) return [];
      // An earlier release derived the id from the time too.
      const rest = key.filter((column) => column !== time).map((column) => texts.get(column)!);
      const withTime = derivedId(JSON.stringify([this.name, text, ...rest]));
      return [...new Set([id, own, withTime])].map((known) => ({ id: known, occurredAt }));
    });
    return {
      tenantId: columns.tenantId === undefined ? tenantId! : (row.tenantId ?? ''),
      event,
      key: [...texts.values()].join(', '),
      earlier,
    };
  }
}

const NUMBERS: readonly SourceField[] = ['count', 'status', 'durationMs'];

/** RFC 3339. A timestamp without time zone is read as UTC, a date as midnight UTC. */
function wireTime({ name, type }: SourceColumn): string {
  const instant = type.includes('with time zone') ? `${quote(name)} AT TIME ZONE 'UTC'` : quote(name);
  return `to_char(${instant}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

type Described = [
  table: string,
  name: string,
  columns: SourceColumn[],
  estimate: number | undefined,
  indexed: Set<string>,
];

async function describe(client: pg.Client, table: string): Promise<Described> {
  const quoted = table
    .split('.')
    .map((part) => quote(part))
    .join('.');
  const { rows } = await client.query<{ oid: number; name: string; estimate: number }>(
    `SELECT c.oid, current_database() || '/' || n.nspname || '.' || c.relname AS name, c.reltuples AS estimate
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)`,
    [quoted],
  );
  const found = rows[0];
  if (found === undefined)
    throw new Error(`--table ${table}: there is no such table; ${await listTables(client)}`);
  const columns = await client.query<SourceColumn & { leadsIndex: boolean }>(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "notNull",
            EXISTS (SELECT FROM pg_index i
                    WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS "primaryKey",
            EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum) AS "leadsIndex"
     FROM pg_attribute a WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [found.oid],
  );
  const indexed = new Set(columns.rows.filter(({ leadsIndex }) => leadsIndex).map(({ name }) => name));
  return [quoted, found.name, columns.rows, found.estimate < 0 ? undefined : found.estimate, indexed];
}

async function listTables(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
       AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
     ORDER BY 1 LIMIT ${TABLES_SHOWN + 1}`,
  );
  const names = rows.slice(0, TABLES_SHOWN).map(({ name }) => name);
  if (names.length === 0) return 'the database has no tables';
  return `there are ${names.join(', ')}${rows.length > TABLES_SHOWN ? ', …' : ''}`;
}
