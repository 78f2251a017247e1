import type { Alert, Budget, ExecutionDetail, Forecast, Step, TokenUsage } from '../api/types';

export const EXECUTION_ID = '4bf92f35-77b3-4da6-a3ce-929d0e0e4736';
export const STARTED = '2026-04-01T09:00:00.000Z';
/** The time this many milliseconds after the start of the execution. */
export const after = (ms: number) => new Date(Date.parse(STARTED) + ms).toISOString();

export function step(step_number: number, changes: Partial<Step> = {}): Step {
  return {
    step_number,
    step_type: 'thought',
    content: null,
    tool_name: null,
    cost_usd: null,
    status: 'success',
    input_tokens: 0,
    output_tokens: 0,
    duration_ms: 100,
    timestamp: null,
    ...changes,
  };
}

/** It only has the fields that the tests check, so a new field of the exporter does not have to be added. */
export function usage(changes: Partial<TokenUsage> = {}): TokenUsage {
  const fields: Partial<TokenUsage> = {
    id: null,
    component: 'main_agent',
    provider: 'openai',
    model: 'gpt-4o',
    step_number: 1,
    input_tokens: 900,
    output_tokens: 200,
    total_tokens: 1_100,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    cost_usd: 0.00425,
    cost_source: 'computed',
    ...changes,
  };
  return fields as TokenUsage;
}

/**
 * A response of `GET /executions/{id}`; without steps and usages, an item of the list. It only has the fields that the
 * tests check, so a new field of the exporter does not have to be added.
 */
export function execution(changes: Partial<ExecutionDetail> = {}): ExecutionDetail {
  const fields: Partial<ExecutionDetail> = {
    id: EXECUTION_ID,
    request_id: null,
    session_id: 's-1',
    agent_id: 'a1',
    agent_name: 'billing-bot',
    agent_type: null,
    flow_id: null,
    user_id: 'u-7',
    provider: 'openai',
    model_name: 'gpt-4o',
    status: 'success',
    started_at: STARTED,
    completed_at: after(1_840),
    execution_time_ms: 1_840,
    llm_time_ms: null,
    input_tokens: 1_200,
    output_tokens: 300,
    total_tokens: 1_500,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    cost_usd: 0.006,
    cost_source: 'computed',
    query_preview: 'Which invoices are open?',
    error_type: null,
    error_message: null,
    tags: ['production'],
    reservation_id: null,
    step_count: 2,
    steps: [],
    token_usages: [],
    ...changes,
  };
  return fields as ExecutionDetail;
}

/** An alert that fires. */
export function alert(changes: Partial<Alert> = {}): Alert {
  return {
    id: 'firing',
    name: 'Errors',
    condition: { metric: 'api_error_rate', operator: 'greater_than', threshold: 5, window: '5m' },
    for: '0m',
    severity: 'warning',
    actions: { channels: [], message: null },
    repeat_interval: '4h',
    is_active: true,
    state: 'firing',
    value: 12.5,
    since: '2026-04-13T01:00:00Z',
    last_evaluated_at: '2026-04-13T02:00:00Z',
    last_error: null,
    ...changes,
  };
}

export function budget(changes: Partial<Budget> = {}): Budget {
  return {
    id: 'b1',
    name: 'All agents',
    scope: 'global',
    scope_id: null,
    threshold_usd: 200,
    period_days: 30,
    alert_type: 'warning',
    alert_at_percentage: 80,
    is_active: true,
    email_notification: true,
    recipients: [],
    channels: [],
    current_spend_usd: 170.5,
    reserved_usd: 2.25,
    spend_percentage: 85.25,
    state: 'warning',
    ...changes,
  };
}

/** A forecast as of the third day of the month. */
export const FORECAST: Forecast = {
  month: '2026-04',
  month_to_date_usd: 5,
  projected_month_usd: 8,
  lower_usd: 7,
  upper_usd: 9,
  method: 'weekly season on a smoothed level',
  history_days: 90,
  daily: [
    day('2026-04-01', { actual_usd: 1, cumulative_usd: 1 }),
    day('2026-04-02', { actual_usd: 3, cumulative_usd: 4 }),
    day('2026-04-03', {
      actual_usd: 1,
      projected_usd: 2,
      cumulative_usd: 6,
      lower_usd: 5.5,
      upper_usd: 6.5,
    }),
    day('2026-04-04', { projected_usd: 2, cumulative_usd: 8, lower_usd: 7, upper_usd: 9 }),
  ],
};

function day(date: string, known: Partial<Forecast['daily'][number]>): Forecast['daily'][number] {
  return {
    date,
    actual_usd: null,
    projected_usd: null,
    cumulative_usd: 0,
    lower_usd: null,
    upper_usd: null,
    ...known,
  };
}
