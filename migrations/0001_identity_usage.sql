-- Identity usage: tenants, agents, raw events, marks, and the aggregates made of them.
-- Every key begins with tenant_id, so that the same schema can be distributed by tenant.
-- Keys sort by bytes (COLLATE "C"): a locale's order is what grouping would spend its time on.

CREATE TABLE tenants (
  id         text COLLATE "C" PRIMARY KEY,
  name       text,
  tier       text NOT NULL CHECK (tier IN ('free', 'pro', 'enterprise')),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- first_seen_at, last_seen_at and last_rotated_at are kept by the rollup, exact to the event.
-- metrics_named: whether Prometheus shows this agent by name or within agent="other".
CREATE TABLE agents (
  tenant_id       text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id              text COLLATE "C" NOT NULL,
  name            text,
  tags            text[] NOT NULL DEFAULT '{}',
  first_seen_at   timestamptz,
  last_seen_at    timestamptz,
  last_rotated_at timestamptz,
  metrics_named   boolean NOT NULL DEFAULT false,
  created_at      timestamptz NOT NULL DEFAULT now(),
  deleted_at      timestamptz,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE users (
  tenant_id text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id        text COLLATE "C" NOT NULL,
  name      text,
  PRIMARY KEY (tenant_id, id)
);

-- The raw facts. The key is also the range index and the guard that makes resending harmless.
-- No foreign keys: they would cost insert rate and lock rows of agents.
CREATE TABLE usage_events (
  tenant_id   text COLLATE "C" NOT NULL,
  occurred_at timestamptz NOT NULL,
  event_id    uuid NOT NULL,
  agent_id    text COLLATE "C",
  metric_type text COLLATE "C" NOT NULL,
  count       integer NOT NULL CHECK (count > 0),
  endpoint    text COLLATE "C",
  status_code smallint,
  duration_ms double precision,
  user_id     text COLLATE "C",
  date        date NOT NULL GENERATED ALWAYS AS ((occurred_at AT TIME ZONE 'UTC')::date) STORED,
  PRIMARY KEY (tenant_id, occurred_at, event_id)
) PARTITION BY RANGE (occurred_at);

-- What has to be recomputed: appended in the transaction that inserts facts. No unique key, because
-- a conflict would make concurrent writers of one tenant wait for each other's commit.
-- kind: minute and hour are recomputed from raw events; agent_endpoint is an hour of the finest projection.
CREATE TABLE dirty_marks (
  tenant_id text COLLATE "C" NOT NULL,
  kind      text COLLATE "C" NOT NULL,
  bucket    timestamptz NOT NULL,
  marked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX dirty_marks_order ON dirty_marks (tenant_id, kind, bucket);

-- By agent and metric. first_at and last_at are the exact times of the first and last event in the bucket.
CREATE TABLE usage_minutes (
  tenant_id   text COLLATE "C" NOT NULL,
  bucket      timestamptz NOT NULL,
  agent_id    text COLLATE "C",
  metric_type text COLLATE "C" NOT NULL,
  count       bigint NOT NULL,
  first_at    timestamptz NOT NULL,
  last_at     timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, metric_type)
);

CREATE TABLE usage_hours (
  tenant_id   text COLLATE "C" NOT NULL,
  bucket      timestamptz NOT NULL,
  agent_id    text COLLATE "C",
  metric_type text COLLATE "C" NOT NULL,
  count       bigint NOT NULL,
  first_at    timestamptz NOT NULL,
  last_at     timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, metric_type)
);

CREATE TABLE analytics_daily_aggregates (
  tenant_id   text COLLATE "C" NOT NULL,
  agent_id    text COLLATE "C",
  date        date NOT NULL,
  metric_type text COLLATE "C" NOT NULL,
  count       bigint NOT NULL,
  first_at    timestamptz NOT NULL,
  last_at     timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, agent_id, date, metric_type)
);
CREATE INDEX analytics_daily_aggregates_range ON analytics_daily_aggregates (tenant_id, date);

-- API calls by endpoint and status, with the durations as a mergeable histogram: two parallel arrays,
-- the bucket's number (see duration_bucket) and its count. status_code 0: the event carried none.
CREATE TABLE endpoint_minutes (
  tenant_id      text COLLATE "C" NOT NULL,
  bucket         timestamptz NOT NULL,
  endpoint       text COLLATE "C" NOT NULL,
  status_code    smallint NOT NULL,
  calls          bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  PRIMARY KEY (tenant_id, bucket, endpoint, status_code)
);

CREATE TABLE endpoint_hours (LIKE endpoint_minutes INCLUDING ALL);

CREATE TABLE endpoint_days (
  tenant_id      text COLLATE "C" NOT NULL,
  date           date NOT NULL,
  endpoint       text COLLATE "C" NOT NULL,
  status_code    smallint NOT NULL,
  calls          bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  PRIMARY KEY (tenant_id, date, endpoint, status_code)
);

-- API calls by agent, endpoint and status together: the hour is the finest level.
CREATE TABLE agent_endpoint_hours (
  tenant_id      text COLLATE "C" NOT NULL,
  bucket         timestamptz NOT NULL,
  agent_id       text COLLATE "C",
  endpoint       text COLLATE "C" NOT NULL,
  status_code    smallint NOT NULL,
  calls          bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, endpoint, status_code)
);

CREATE TABLE agent_endpoint_days (
  tenant_id      text COLLATE "C" NOT NULL,
  date           date NOT NULL,
  agent_id       text COLLATE "C",
  endpoint       text COLLATE "C" NOT NULL,
  status_code    smallint NOT NULL,
  calls          bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id, endpoint, status_code)
);

-- When an open hour of agent_endpoint_hours was last recomputed: at most every five minutes.
CREATE TABLE agent_endpoint_computed (
  tenant_id   text COLLATE "C" NOT NULL,
  bucket      timestamptz NOT NULL,
  computed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, bucket)
);

-- All-time totals for the Prometheus counters, moved by the difference whenever a day is recomputed.
-- count_as_other: the part that was counted while the agent had no series of its own.
CREATE TABLE agent_totals (
  tenant_id      text COLLATE "C" NOT NULL,
  agent_id       text COLLATE "C",
  metric_type    text COLLATE "C" NOT NULL,
  count          bigint NOT NULL,
  count_as_other bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, agent_id, metric_type)
);

-- The endpoint names that a tenant has taken; the rest is counted as "other".
CREATE TABLE endpoint_names (
  tenant_id    text COLLATE "C" NOT NULL,
  endpoint     text COLLATE "C" NOT NULL,
  last_used_on date NOT NULL,
  PRIMARY KEY (tenant_id, endpoint)
);

-- The ledger of scheduled runs; its key is what lets one replica run a slot.
CREATE TABLE job_runs (
  job         text COLLATE "C" NOT NULL,
  slot        timestamptz NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  rows        bigint,
  error       text,
  PRIMARY KEY (job, slot)
);

-- Boundaries that may only move forward: minutes_from (no minute aggregates before it) and
-- raw_from (no raw events before it, so nothing older is recomputed).
CREATE TABLE watermarks (
  name text COLLATE "C" PRIMARY KEY,
  at   timestamptz NOT NULL
);

-- DDSketch's logarithmic mapping with gamma = 1.03: a bucket's value is at most 1.5 % off.
-- Durations under a microsecond share one bucket of value 0.
CREATE FUNCTION duration_bucket(ms double precision) RETURNS smallint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN ms < 0.001 THEN -1000 ELSE ceil(ln(ms) / ln(1.03::double precision)) END::smallint;

CREATE FUNCTION duration_of_bucket(bucket smallint) RETURNS double precision
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN bucket = -1000 THEN 0 ELSE 2 * power(1.03::double precision, bucket) / 2.03 END;
