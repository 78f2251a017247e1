/** A recorded release: its data, its answers, and the statements of a replica of it. */
export interface Recorded {
  /** Number of the release's last migration. */
  schemaVersion: number;
  /** Rows as JSON texts, so that no number loses a digit on its way. */
  tables: { name: string; columns: string[]; rows: string[] }[];
  /** Bodies of the answers, by path. */
  answers: Record<string, string>;
  /** What a replica sent to the database, in order. */
  statements: RecordedStatement[];
  /** The answers after these statements. */
  answersBeside: Record<string, string>;
}

export interface RecordedStatement {
  connection: number;
  text: string;
  values: Encoded[];
  /** SQLSTATE of the error that it was answered with: a replica tries again after some. */
  error?: string;
}

/** A value of a parameter: what JSON has no form for is tagged. */
export type Encoded = string | number | boolean | null | Encoded[] | { date: string } | { base64: string };

export function encode(value: unknown): Encoded {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return { date: value.toISOString() };
  if (Buffer.isBuffer(value)) return { base64: value.toString('base64') };
  if (Array.isArray(value)) return value.map(encode);
  if (['string', 'number', 'boolean'].includes(typeof value)) return value as string | number | boolean;
  throw new TypeError(`a parameter of type ${typeof value} cannot be recorded`);
}

export function decode(value: Encoded): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== 'object' || value === null) return value;
  return 'date' in value ? new Date(value.date) : Buffer.from(value.base64, 'base64');
}
