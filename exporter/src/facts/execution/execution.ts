/** An execution with its steps and usages in memory, as they have been checked. */
import type { Fact, Row, SentFact } from '../column.js';
import { factColumns, unsent } from '../record.js';
import { STEP } from '../step/columns.js';
import { TOKEN_NAMES, type Tokens } from '../tokens.js';
import { USAGE } from '../usage/columns.js';
import { EXECUTION } from './columns.js';

export type Step = Fact<typeof STEP.columns>;
/** Columns of a usage that are not read of what is sent alone. */
export const USAGE_DERIVED = ['usage_key', 'has_tokens'] as const;
export type UsageDerived = Pick<Row<typeof USAGE.columns>, (typeof USAGE_DERIVED)[number]>;
export type Usage = Fact<typeof USAGE.columns> & UsageDerived;

/** What the keys of usages begin with that are the sum of calls of which no more is known. */
export const SUM_KEY = 'sum ';
export const isSum = ({ usage_key }: Pick<Usage, 'usage_key'>): boolean => usage_key.startsWith(SUM_KEY);

/** What of an execution is apart from its header. */
export const NOT_OF_HEADER = ['id', ...TOKEN_NAMES] as const;
type NotOfHeader = (typeof NOT_OF_HEADER)[number];

interface OwnTokens {
  /** Null where none were sent. */
  tokens: Tokens | null;
}

/** The columns of a header. */
export const HEADER_NAMES = factColumns(EXECUTION, NOT_OF_HEADER).map(({ key }) => key) as Exclude<
  keyof Header,
  'tokens'
>[];
/** The columns of a step and of a usage. */
export const STEP_NAMES = factColumns(STEP).map(({ key }) => key) as (keyof Step)[];
export const USAGE_NAMES = [...USAGE_DERIVED, ...factColumns(USAGE).map(({ key }) => key)] as (keyof Usage)[];

/** What an execution says of itself, without its steps and usages. */
export type Header = Omit<Fact<typeof EXECUTION.columns>, NotOfHeader> & OwnTokens;

/** A header of which arrays that are left out stay as they are. */
export type SentHeader = Omit<SentFact<typeof EXECUTION.columns>, NotOfHeader> & OwnTokens;

export interface Execution {
  id: string;
  agentName: string | null;
  /** Undefined or null: those that are known stay. */
  agentTags?: readonly string[] | null;
  userName?: string | null;
  header: SentHeader;
  /** Undefined: those that are there stay. */
  steps: readonly Step[] | undefined;
  usages: readonly Usage[] | undefined;
}

/** What stands where nothing is said; for ways in that know some of the fields only. */
export const NO_HEADER = { ...unsent(EXECUTION, NOT_OF_HEADER), tokens: null };
export const NO_STEP = unsent(STEP);
export const NO_USAGE = { ...unsent(USAGE), has_tokens: true };
