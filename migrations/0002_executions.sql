-- Executions: what agents run, step by step, what it costs, and the budgets that hold it.
-- Money is numeric: sums are exact, whatever their order.

COMMENT ON TABLE watermarks IS
  'Positions that only move forward: minutes_from and raw_from bound what is recomputed; import:… and demo:… are how far an incremental import and the demo have come.';

-- Raised with every change of the tenant's own prices, in the transaction that changes them.
ALTER TABLE tenants ADD COLUMN price_version bigint NOT NULL DEFAULT 0;

-- One row an execution, replaced whole when it is sent again.
-- own_tokens, own_provider, own_model: what was sent with the execution itself, not derived from its token usages.
-- reported_cost_usd: the cost as sent, which wins. cost_usd is null where cost_source is unpriced.
-- held_usd: what an unpriced execution has cost a budget: the estimate of its reservation.
-- *_digest: of what was sent, so that sending it again unchanged is recognised.
CREATE TABLE executions (
  tenant_id           text COLLATE "C" NOT NULL,
  id                  uuid NOT NULL,
  request_id          text COLLATE "C",
  session_id          text COLLATE "C",
  agent_id            text COLLATE "C",
  agent_type          text COLLATE "C",
  flow_id             text COLLATE "C",
  user_id             text COLLATE "C",
  provider            text COLLATE "C",
  model_name          text COLLATE "C",
  status              text COLLATE "C" NOT NULL,
  started_at          timestamptz NOT NULL,
  completed_at        timestamptz,
  execution_time_ms   double precision,
  llm_time_ms         double precision,
  input_tokens        bigint NOT NULL,
  output_tokens       bigint NOT NULL,
  total_tokens        bigint NOT NULL GENERATED ALWAYS AS (input_tokens + output_tokens) STORED,
  cached_input_tokens bigint NOT NULL,
  cache_write_tokens  bigint NOT NULL,
  reasoning_tokens    bigint NOT NULL,
  cost_usd            numeric,
  cost_source         text COLLATE "C" NOT NULL,
  reported_cost_usd   numeric,
  held_usd            numeric,
  query_preview       text,
  error_type          text COLLATE "C",
  error_message       text,
  tags                text[] NOT NULL,
  reservation_id      uuid,
  steps               integer NOT NULL,
  own_tokens          boolean NOT NULL,
  own_provider        text COLLATE "C",
  own_model           text COLLATE "C",
  header_digest       uuid NOT NULL,
  steps_digest        uuid,
  usages_digest       uuid,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX executions_started ON executions (tenant_id, started_at, id);
CREATE INDEX executions_agent ON executions (tenant_id, agent_id, started_at, id);
CREATE INDEX executions_time ON executions (tenant_id, (coalesce(execution_time_ms, -1)), id);
CREATE INDEX executions_cost ON executions (tenant_id, (coalesce(cost_usd, -1)), id);
CREATE INDEX executions_tokens ON executions (tenant_id, total_tokens, id);
CREATE INDEX executions_reservation ON executions (tenant_id, reservation_id) WHERE reservation_id IS NOT NULL;

CREATE TABLE execution_steps (
  tenant_id     text COLLATE "C" NOT NULL,
  execution_id  uuid NOT NULL,
  step_number   integer NOT NULL,
  step_type     text COLLATE "C" NOT NULL,
  content       text,
  tool_name     text COLLATE "C",
  status        text COLLATE "C",
  input_tokens  bigint NOT NULL,
  output_tokens bigint NOT NULL,
  duration_ms   double precision,
  occurred_at   timestamptz,
  PRIMARY KEY (tenant_id, execution_id, step_number)
);

-- usage_key: the id that was sent, or component, model, step and the place among equals.
CREATE TABLE token_usages (
  tenant_id           text COLLATE "C" NOT NULL,
  execution_id        uuid NOT NULL,
  usage_key           text COLLATE "C" NOT NULL,
  usage_id            text COLLATE "C",
  position            integer NOT NULL,
  component           text COLLATE "C" NOT NULL,
  provider            text COLLATE "C",
  model_name          text COLLATE "C",
  step_number         integer,
  input_tokens        bigint NOT NULL,
  output_tokens       bigint NOT NULL,
  cached_input_tokens bigint NOT NULL,
  cache_write_tokens  bigint NOT NULL,
  reasoning_tokens    bigint NOT NULL,
  cost_usd            numeric,
  cost_source         text COLLATE "C" NOT NULL,
  reported_cost_usd   numeric,
  PRIMARY KEY (tenant_id, execution_id, usage_key)
);

-- Aggregates, the hour as finest level and granule. cost_usd leaves out what is unpriced, and so does
-- priced_tokens; spend_usd has the held estimates instead. durations: see duration_bucket; of finished executions that took a known time.
CREATE TABLE execution_hours (
  tenant_id      text COLLATE "C" NOT NULL,
  bucket         timestamptz NOT NULL,
  agent_id       text COLLATE "C",
  provider       text COLLATE "C",
  model_name     text COLLATE "C",
  status         text COLLATE "C" NOT NULL,
  executions     bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  steps          bigint NOT NULL,
  input_tokens   bigint NOT NULL,
  output_tokens  bigint NOT NULL,
  priced_tokens  bigint NOT NULL,
  cost_usd       numeric NOT NULL,
  spend_usd      numeric NOT NULL,
  unpriced       bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, provider, model_name, status)
);
CREATE TABLE execution_days (
  tenant_id      text COLLATE "C" NOT NULL,
  date           date NOT NULL,
  agent_id       text COLLATE "C",
  provider       text COLLATE "C",
  model_name     text COLLATE "C",
  status         text COLLATE "C" NOT NULL,
  executions     bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  steps          bigint NOT NULL,
  input_tokens   bigint NOT NULL,
  output_tokens  bigint NOT NULL,
  priced_tokens  bigint NOT NULL,
  cost_usd       numeric NOT NULL,
  spend_usd      numeric NOT NULL,
  unpriced       bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id, provider, model_name, status)
);

-- All of a tenant together: what totals and their percentiles are read from.
CREATE TABLE execution_status_hours (
  tenant_id      text COLLATE "C" NOT NULL,
  bucket         timestamptz NOT NULL,
  status         text COLLATE "C" NOT NULL,
  executions     bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  steps          bigint NOT NULL,
  input_tokens   bigint NOT NULL,
  output_tokens  bigint NOT NULL,
  priced_tokens  bigint NOT NULL,
  cost_usd       numeric NOT NULL,
  spend_usd      numeric NOT NULL,
  unpriced       bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, status)
);
CREATE TABLE execution_status_days (
  tenant_id      text COLLATE "C" NOT NULL,
  date           date NOT NULL,
  status         text COLLATE "C" NOT NULL,
  executions     bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  steps          bigint NOT NULL,
  input_tokens   bigint NOT NULL,
  output_tokens  bigint NOT NULL,
  priced_tokens  bigint NOT NULL,
  cost_usd       numeric NOT NULL,
  spend_usd      numeric NOT NULL,
  unpriced       bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, status)
);

CREATE TABLE execution_user_hours (
  tenant_id      text COLLATE "C" NOT NULL,
  bucket         timestamptz NOT NULL,
  user_id        text COLLATE "C",
  status         text COLLATE "C" NOT NULL,
  executions     bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  steps          bigint NOT NULL,
  input_tokens   bigint NOT NULL,
  output_tokens  bigint NOT NULL,
  priced_tokens  bigint NOT NULL,
  cost_usd       numeric NOT NULL,
  spend_usd      numeric NOT NULL,
  unpriced       bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, user_id, status)
);
CREATE TABLE execution_user_days (
  tenant_id      text COLLATE "C" NOT NULL,
  date           date NOT NULL,
  user_id        text COLLATE "C",
  status         text COLLATE "C" NOT NULL,
  executions     bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  steps          bigint NOT NULL,
  input_tokens   bigint NOT NULL,
  output_tokens  bigint NOT NULL,
  priced_tokens  bigint NOT NULL,
  cost_usd       numeric NOT NULL,
  spend_usd      numeric NOT NULL,
  unpriced       bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, user_id, status)
);

CREATE TABLE execution_flow_hours (
  tenant_id      text COLLATE "C" NOT NULL,
  bucket         timestamptz NOT NULL,
  flow_id        text COLLATE "C",
  status         text COLLATE "C" NOT NULL,
  executions     bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  steps          bigint NOT NULL,
  input_tokens   bigint NOT NULL,
  output_tokens  bigint NOT NULL,
  priced_tokens  bigint NOT NULL,
  cost_usd       numeric NOT NULL,
  spend_usd      numeric NOT NULL,
  unpriced       bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, flow_id, status)
);
CREATE TABLE execution_flow_days (
  tenant_id      text COLLATE "C" NOT NULL,
  date           date NOT NULL,
  flow_id        text COLLATE "C",
  status         text COLLATE "C" NOT NULL,
  executions     bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  steps          bigint NOT NULL,
  input_tokens   bigint NOT NULL,
  output_tokens  bigint NOT NULL,
  priced_tokens  bigint NOT NULL,
  cost_usd       numeric NOT NULL,
  spend_usd      numeric NOT NULL,
  unpriced       bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, flow_id, status)
);

CREATE TABLE execution_error_hours (
  tenant_id  text COLLATE "C" NOT NULL,
  bucket     timestamptz NOT NULL,
  agent_id   text COLLATE "C",
  error_type text COLLATE "C" NOT NULL,
  status     text COLLATE "C" NOT NULL,
  executions bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, error_type, status)
);
CREATE TABLE execution_error_days (
  tenant_id  text COLLATE "C" NOT NULL,
  date       date NOT NULL,
  agent_id   text COLLATE "C",
  error_type text COLLATE "C" NOT NULL,
  status     text COLLATE "C" NOT NULL,
  executions bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id, error_type, status)
);

-- Steps of the type tool_call. rated: calls whose outcome is known.
CREATE TABLE execution_tool_hours (
  tenant_id      text COLLATE "C" NOT NULL,
  bucket         timestamptz NOT NULL,
  agent_id       text COLLATE "C",
  tool_name      text COLLATE "C",
  calls          bigint NOT NULL,
  rated          bigint NOT NULL,
  successes      bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, tool_name)
);
CREATE TABLE execution_tool_days (
  tenant_id      text COLLATE "C" NOT NULL,
  date           date NOT NULL,
  agent_id       text COLLATE "C",
  tool_name      text COLLATE "C",
  calls          bigint NOT NULL,
  rated          bigint NOT NULL,
  successes      bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id, tool_name)
);

-- Token usages by component; the component is null for executions that sent none.
CREATE TABLE execution_component_hours (
  tenant_id     text COLLATE "C" NOT NULL,
  bucket        timestamptz NOT NULL,
  agent_id      text COLLATE "C",
  component     text COLLATE "C",
  provider      text COLLATE "C",
  model_name    text COLLATE "C",
  usages        bigint NOT NULL,
  input_tokens  bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost_usd      numeric NOT NULL,
  unpriced      bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, component, provider, model_name)
);
CREATE TABLE execution_component_days (
  tenant_id     text COLLATE "C" NOT NULL,
  date          date NOT NULL,
  agent_id      text COLLATE "C",
  component     text COLLATE "C",
  provider      text COLLATE "C",
  model_name    text COLLATE "C",
  usages        bigint NOT NULL,
  input_tokens  bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost_usd      numeric NOT NULL,
  unpriced      bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id, component, provider, model_name)
);

-- All-time totals for Prometheus, moved by the difference whenever a day is recomputed.
-- executions_as_other: see agent_totals.count_as_other.
CREATE TABLE execution_totals (
  tenant_id     text COLLATE "C" NOT NULL,
  agent_id      text COLLATE "C",
  model_name    text COLLATE "C",
  status        text COLLATE "C" NOT NULL,
  executions    bigint NOT NULL,
  executions_as_other bigint NOT NULL,
  input_tokens  bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost_usd      numeric NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, agent_id, model_name, status)
);

-- A tenant's own prices, USD per million tokens; they go before the price book from effective_from on.
CREATE TABLE model_prices (
  tenant_id                 text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id                        uuid NOT NULL,
  provider                  text COLLATE "C" NOT NULL,
  model_name                text COLLATE "C" NOT NULL,
  effective_from            timestamptz NOT NULL,
  input_usd_per_mtok        numeric NOT NULL CHECK (input_usd_per_mtok >= 0),
  output_usd_per_mtok       numeric NOT NULL CHECK (output_usd_per_mtok >= 0),
  cached_input_usd_per_mtok numeric CHECK (cached_input_usd_per_mtok >= 0),
  cache_write_usd_per_mtok  numeric CHECK (cache_write_usd_per_mtok >= 0),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, provider, model_name, effective_from)
);

-- What changed prices still have to recompute: executions of the model within the range, after the position reached.
CREATE TABLE price_recomputes (
  tenant_id   text COLLATE "C" NOT NULL,
  id          uuid NOT NULL,
  model_name  text COLLATE "C" NOT NULL,
  from_at     timestamptz NOT NULL,
  to_at       timestamptz NOT NULL,
  reached_at  timestamptz NOT NULL,
  reached_id  uuid NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE budgets (
  tenant_id           text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id                  uuid NOT NULL,
  name                text,
  scope               text COLLATE "C" NOT NULL CHECK (scope IN ('user', 'agent', 'flow', 'global')),
  scope_id            text COLLATE "C",
  threshold_usd       numeric NOT NULL CHECK (threshold_usd > 0),
  period_days         integer NOT NULL CHECK (period_days > 0),
  alert_type          text COLLATE "C" NOT NULL CHECK (alert_type IN ('warning', 'hard_stop')),
  alert_at_percentage double precision NOT NULL,
  is_active           boolean NOT NULL,
  email_notification  boolean NOT NULL,
  recipients          text[] NOT NULL,
  created_at          timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);

-- Money held until the execution arrives (settled_at), the reservation is deleted, or its time is up.
CREATE TABLE budget_reservations (
  tenant_id          text COLLATE "C" NOT NULL,
  id                 uuid NOT NULL,
  agent_id           text COLLATE "C",
  user_id            text COLLATE "C",
  flow_id            text COLLATE "C",
  estimated_cost_usd numeric NOT NULL,
  created_at         timestamptz NOT NULL DEFAULT now(),
  expires_at         timestamptz NOT NULL,
  settled_at         timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX budget_reservations_open ON budget_reservations (tenant_id, expires_at) WHERE settled_at IS NULL;

-- A budget that passed one of its marks. cleared_at: the spend has fallen below it again, or the period is over.
-- Mail: next_attempt_at while it is still to be sent, sent_at once the server has taken it; neither where none is wanted.
-- recipients: where some were refused for now after others were served, those that are left.
CREATE TABLE budget_notifications (
  tenant_id       text COLLATE "C" NOT NULL,
  id              uuid NOT NULL,
  budget_id       uuid NOT NULL,
  mark            text COLLATE "C" NOT NULL CHECK (mark IN ('warning', 'exceeded')),
  spend_usd       numeric NOT NULL,
  threshold_usd   numeric NOT NULL,
  raised_at       timestamptz NOT NULL,
  cleared_at      timestamptz,
  recipients      text[] NOT NULL,
  sent_at         timestamptz,
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  last_error      text,
  PRIMARY KEY (tenant_id, id)
);
-- One standing notification a mark, whichever replica raises it.
CREATE UNIQUE INDEX budget_notifications_standing ON budget_notifications (tenant_id, budget_id, mark) WHERE cleared_at IS NULL;
CREATE INDEX budget_notifications_due ON budget_notifications (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

-- Spans of executions that came over OTLP, as far as they matter: the execution is recomputed from all of its spans.
CREATE TABLE otlp_spans (
  tenant_id      text COLLATE "C" NOT NULL,
  trace_id       uuid NOT NULL,
  span_id        text COLLATE "C" NOT NULL,
  parent_span_id text COLLATE "C",
  name           text NOT NULL,
  started_at     timestamptz NOT NULL,
  ended_at       timestamptz NOT NULL,
  status         text COLLATE "C",
  status_message text,
  fields         jsonb NOT NULL,
  PRIMARY KEY (tenant_id, trace_id, span_id)
);
CREATE INDEX otlp_spans_started ON otlp_spans (tenant_id, started_at);
