/** Executions as they come over the wire: limits and schemas, for the check and for the documentation. */
import { type TSchema, Type } from 'typebox';
import type { Sent } from '../column.js';
import { STEP } from '../step/columns.js';
import { USAGE } from '../usage/columns.js';
import { listedNull, sentProperties, strict } from '../wire.js';
import { EXECUTION } from './columns.js';

export const MAX_EXECUTIONS = 1_000;
export const MAX_STEPS = 10_000;
export const MAX_USAGES = 10_000;

export type SentStep = Sent<typeof STEP.columns>;
export type SentUsage = Sent<typeof USAGE.columns>;
export type SentExecution = Sent<typeof EXECUTION.columns> & {
  steps?: SentStep[] | null;
  token_usages?: SentUsage[] | null;
};

const optionalArray = (items: TSchema, maxItems: number): TSchema =>
  Type.Optional(listedNull(Type.Array(items, { maxItems })));

export const StepSchema = strict(sentProperties(STEP, listedNull));
export const UsageSchema = strict(sentProperties(USAGE, listedNull));
export const ExecutionSchema = strict({
  ...sentProperties(EXECUTION, listedNull),
  steps: optionalArray(StepSchema, MAX_STEPS),
  token_usages: optionalArray(UsageSchema, MAX_USAGES),
});
