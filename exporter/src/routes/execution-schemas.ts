/** Schemas of the routes about executions that several of them share. */
import { Type } from 'typebox';
import { EXECUTION } from '../facts/execution/columns.js';
import { STEP } from '../facts/step/columns.js';
import { USAGE } from '../facts/usage/columns.js';
import { shownProperties } from '../facts/wire.js';
import { PERIODS } from '../query/executions/period.js';
import { Count, DateText, Id, Nullable, Percent, Strict, TimeText } from './schemas.js';

export const executionPeriodParameters = {
  period: Type.Optional(
    Type.String({
      enum: [...PERIODS],
      default: '7d',
      description: '`24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it.',
    }),
  ),
  // Checked by the report, which says what is wrong with a date, and not by the schema.
  start_date: Type.Optional(
    Type.String({ description: 'First day, UTC, in place of `period`.', examples: ['2026-03-06'] }),
  ),
  end_date: Type.Optional(Type.String({ description: 'Last day, UTC, included. Default: today.' })),
};

export const ExecutionPeriodAnswer = Strict({
  name: Nullable(Type.String({ enum: [...PERIODS], description: 'Null where dates were given.' })),
  start: TimeText('First instant.'),
  end: TimeText('First instant after it.'),
});

export const Usd = (description: string) =>
  Type.Number({ description: `${description} USD, at most 6 decimals.` });
export const Milliseconds = (description: string) =>
  Nullable(Type.Number({ description: `${description} Null without any.` }));
export const Text = Nullable(Type.String());

const KnownUsd = Nullable(Usd('Without what is unpriced; null where nothing has a price.'));

const MeanTokens = Nullable(
  Type.Number({ description: 'Input and output, mean of the finished executions.' }),
);

const model = { provider: Text, model_name: Text };
export const agent = { agent_id: Id('The agent.'), agent_name: Text };

const Figures = {
  total_executions: Count('All executions, running ones included.'),
  successful_executions: Count('Those that succeeded.'),
  failed_executions: Count('Those that failed.'),
  timeout_executions: Count('Those that took too long.'),
  success_rate: Percent('Successes of the finished executions.'),
  avg_execution_time_ms: Milliseconds('Mean of the finished executions.'),
  p50_execution_time_ms: Milliseconds('Median.'),
  p95_execution_time_ms: Milliseconds('95th percentile.'),
  p99_execution_time_ms: Milliseconds('99th percentile.'),
  total_cost_usd: Usd('Without what is unpriced.'),
  projected_monthly_cost_usd: Usd("The period's daily mean, times 30."),
  unpriced_executions: Count('Executions whose cost is not known.'),
  total_tokens: Count('Input and output.'),
  input_tokens: Count('With cached ones.'),
  output_tokens: Count('With reasoning ones.'),
  active_agents: Count('Agents with an execution.'),
};

export const OverviewAnswer = Strict({
  period: ExecutionPeriodAnswer,
  ...Figures,
  previous: Strict(Figures, { description: 'The same of the period before, which is as long.' }),
  top_agents: Type.Array(
    Strict({
      ...agent,
      executions: Count('Executions.'),
      success_rate: Percent('Successes of the finished executions.'),
      avg_execution_time_ms: Milliseconds('Mean.'),
      total_tokens: Count('Input and output.'),
      cost_usd: KnownUsd,
    }),
    { description: 'The ten with the most executions.' },
  ),
  cost_by_model: Type.Array(
    Strict({
      ...model,
      executions: Count('Executions.'),
      total_tokens: Count('Input and output.'),
      cost_usd: KnownUsd,
      share: Percent('Of the total cost.'),
    }),
  ),
});

export const StatsAnswer = Strict({
  ...agent,
  period: ExecutionPeriodAnswer,
  execution_count: Count('Executions.'),
  success_rate: Percent('Successes of the finished executions.'),
  error_rate: Percent('Failures, timeouts and blocked ones of the finished executions.'),
  avg_duration_ms: Milliseconds('Mean.'),
  p50_duration_ms: Milliseconds('Median.'),
  p95_duration_ms: Milliseconds('95th percentile.'),
  p99_duration_ms: Milliseconds('99th percentile.'),
  avg_tokens: MeanTokens,
  avg_steps: Nullable(Type.Number({ description: 'Mean of the finished executions.' })),
  total_cost_usd: KnownUsd,
  unpriced_executions: Count('Executions whose cost is not known.'),
  by_model: Type.Array(
    Strict({
      ...model,
      executions: Count('Executions.'),
      success_rate: Percent('Successes of the finished executions.'),
      avg_duration_ms: Milliseconds('Mean.'),
      total_tokens: Count('Input and output.'),
      cost_usd: KnownUsd,
    }),
  ),
  errors: Type.Array(
    Strict({
      type: Type.String(),
      count: Count('Executions.'),
      percentage: Percent('Of those with an error type.'),
    }),
  ),
  daily: Type.Array(
    Strict({
      date: DateText('Day.'),
      executions: Count('Executions.'),
      success_rate: Percent('Successes of the finished executions.'),
      total_tokens: Count('Input and output.'),
      cost_usd: Usd('Without what is unpriced.'),
    }),
  ),
});

const share = {
  executions: Count('Executions.'),
  unpriced_executions: Count('Executions whose cost is not known.'),
  total_tokens: Count('Input and output.'),
  cost_usd: KnownUsd,
  share: Percent('Of the total cost.'),
};

export const CostSummaryAnswer = Strict({
  period: ExecutionPeriodAnswer,
  total_cost_usd: Usd('Without what is unpriced.'),
  unpriced_executions: Count('Executions whose cost is not known.'),
  by_model: Type.Array(Strict({ ...model, ...share })),
  by_agent: Type.Array(Strict({ agent_id: Text, agent_name: Text, ...share })),
  by_user: Type.Array(Strict({ user_id: Text, ...share })),
  by_component: Type.Array(
    Strict({
      component: Text,
      usages: Count('Token usages; executions where the component is null.'),
      unpriced_usages: Count('Those whose cost is not known.'),
      total_tokens: Count('Input and output.'),
      cost_usd: Nullable(Usd('As computed from token usages; null where none has a price.')),
      share: Percent('Of the cost of all components.'),
    }),
  ),
  daily: Type.Array(Strict({ date: DateText('Day.'), cost_usd: Usd('Without what is unpriced.') })),
});

export const ForecastAnswer = Strict({
  month: Type.String({ description: 'This UTC month.', examples: ['2026-03'] }),
  month_to_date_usd: Usd('So far.'),
  projected_month_usd: Usd('At the end of the month.'),
  lower_usd: Usd('Lower end of the 80 % interval.'),
  upper_usd: Usd('Upper end of the 80 % interval.'),
  method: Type.String({ description: 'How it was projected; says so where there is too little history.' }),
  history_days: Count('Complete days since the first cost, at most 180.'),
  daily: Type.Array(
    Strict({
      date: DateText('Day of the month.'),
      actual_usd: Nullable(Usd('Null for days to come.')),
      projected_usd: Nullable(
        Usd('Null for days past; of today the whole day, at least what it has cost so far.'),
      ),
      cumulative_usd: Usd(
        'Of the month up to the end of this day: known for days past, projected from today on.',
      ),
      lower_usd: Nullable(Usd('Lower end of the 80 % interval of cumulative_usd; null for days past.')),
      upper_usd: Nullable(Usd('Upper end of it; null for days past.')),
    }),
  ),
});

export const ComparisonAnswer = Strict({
  period: ExecutionPeriodAnswer,
  models: Type.Array(
    Strict({
      ...model,
      executions: Count('Executions.'),
      success_rate: Percent('Successes of the finished executions.'),
      error_rate: Percent('Failures, timeouts and blocked ones of the finished executions.'),
      avg_execution_time_ms: Milliseconds('Mean.'),
      p50_execution_time_ms: Milliseconds('Median.'),
      p95_execution_time_ms: Milliseconds('95th percentile.'),
      p99_execution_time_ms: Milliseconds('99th percentile.'),
      avg_tokens: MeanTokens,
      total_tokens: Count('Input and output.'),
      total_cost_usd: KnownUsd,
      cost_per_execution_usd: Nullable(Usd('Of the executions with a known cost.')),
      cost_per_1k_tokens_usd: Nullable(Usd('Of the executions with a known cost.')),
      unpriced_executions: Count('Executions whose cost is not known.'),
    }),
  ),
});

const row = shownProperties(EXECUTION);

export const ListAnswer = Strict({
  items: Type.Array(Strict(row)),
  page: Nullable(Type.Integer({ description: 'Null where a cursor was followed.' })),
  page_size: Type.Integer(),
  total: Count('Executions that the filters let through.'),
  total_pages: Count('Pages.'),
  next_cursor: Nullable(Type.String({ description: 'Null on the last page.' })),
});

export const DetailAnswer = Strict({
  ...row,
  steps: Type.Array(Strict(shownProperties(STEP))),
  token_usages: Type.Array(Strict(shownProperties(USAGE))),
});
