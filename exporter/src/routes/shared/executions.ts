/** Schemas that several routes about executions share. */
import { Type } from 'typebox';
import { UUID_PATTERN } from '../../ids.js';
import { MAX_GROUPS } from '../../query/fold.js';
import { type ExecutionPeriod, type PeriodName, PERIODS } from '../../query/executions/period.js';
import { ERROR_CODE, Id, Nullable, Strict, Text, TimeText, Usd } from '../../schemas.js';

export const periodParameters = (byDefault: PeriodName) => ({
  period: Type.Optional(
    Type.String({
      enum: [...PERIODS],
      default: byDefault,
      description: '`24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it.',
    }),
  ),
  // The report checks the dates, because it can say what is wrong with one.
  start_date: Type.Optional(
    Type.String({ description: 'First day, UTC, in place of `period`.', examples: ['2026-03-06'] }),
  ),
  end_date: Type.Optional(Type.String({ description: 'Last day, UTC, included. Default: today.' })),
});

export const executionPeriodParameters = periodParameters('7d');

/** A period, days, or times, which are answered in whole hours. */
export const hourPeriodParameters = (byDefault: PeriodName) => ({
  ...periodParameters(byDefault),
  start_time: Type.Optional(
    TimeText(
      'From the hour of this RFC 3339 time, in place of `period` and `start_date`. Default: 7 days before the end.',
    ),
  ),
  end_time: Type.Optional(
    TimeText(
      'Up to this RFC 3339 time, excluded, in whole hours. Default, and at most: the end of the current hour.',
    ),
  ),
});

export const ExecutionPeriodSchema = Strict({
  name: Nullable(Type.String({ enum: [...PERIODS], description: 'Null if dates were given.' })),
  start: TimeText('Start, included.'),
  end: TimeText('End, excluded.'),
});

/** What identifies a cached answer about a period. */
export const cachedExecutionPeriod = (
  endpoint: string,
  { name, range }: ExecutionPeriod,
  query: object = {},
) => ({ endpoint, query: { range, name, ...query }, to: range.to });

/** An id that is not a UUID is an execution that does not exist. */
export const ExecutionParams = Strict({
  id: Type.String({
    pattern: UUID_PATTERN,
    [ERROR_CODE]: 'EXECUTION_NOT_FOUND',
    description: 'The execution.',
  }),
});

export const agent = { agent_id: Id('The agent.'), agent_name: Text };
export const model = { provider: Text, model_name: Text };

export const KnownUsd = Nullable(Usd('Without unpriced executions; null if none has a price.'));
export const MeanTokens = Nullable(
  Type.Number({ description: 'Mean input and output tokens of the finished executions.' }),
);

/** The most expensive groups, and the others as one row named `other`, so that the list adds up to the whole. */
export const BOUNDED = {
  description: `The ${MAX_GROUPS.toLocaleString('en')} largest, and all others together as \`other\`, with a null id.`,
};
