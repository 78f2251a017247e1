-- Events by the deployment environment in which they happened. The tables have rows only for hours and days in which an
-- event has one; the others are read from the aggregates without it. A replica of an earlier release does not keep these
-- tables: an hour that it has computed is right again after the next rollup of that hour.
ALTER TABLE usage_events ADD COLUMN environment text COLLATE "C";

CREATE TABLE event_environment_hours (
  tenant_id   text COLLATE "C" NOT NULL,
  bucket      timestamptz NOT NULL,
  environment text COLLATE "C" NOT NULL,
  count       bigint NOT NULL,
  PRIMARY KEY (tenant_id, bucket, environment)
);

CREATE TABLE event_environment_days (
  tenant_id   text COLLATE "C" NOT NULL,
  date        date NOT NULL,
  environment text COLLATE "C" NOT NULL,
  count       bigint NOT NULL,
  PRIMARY KEY (tenant_id, date, environment)
);

CREATE TABLE usage_environment_hours (
  tenant_id   text COLLATE "C" NOT NULL,
  bucket      timestamptz NOT NULL,
  agent_id    text COLLATE "C",
  environment text COLLATE "C",
  metric_type text COLLATE "C" NOT NULL,
  count       bigint NOT NULL,
  first_at    timestamptz NOT NULL,
  last_at     timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, environment, metric_type)
);

CREATE TABLE usage_environment_days (
  tenant_id   text COLLATE "C" NOT NULL,
  date        date NOT NULL,
  agent_id    text COLLATE "C",
  environment text COLLATE "C",
  metric_type text COLLATE "C" NOT NULL,
  count       bigint NOT NULL,
  first_at    timestamptz NOT NULL,
  last_at     timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id, environment, metric_type)
);

CREATE TABLE call_environment_hours (
  tenant_id      text COLLATE "C" NOT NULL,
  bucket         timestamptz NOT NULL,
  environment    text COLLATE "C",
  endpoint       text COLLATE "C" NOT NULL,
  status_code    smallint NOT NULL,
  calls          bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, environment, endpoint, status_code)
);

CREATE TABLE call_environment_days (
  tenant_id      text COLLATE "C" NOT NULL,
  date           date NOT NULL,
  environment    text COLLATE "C",
  endpoint       text COLLATE "C" NOT NULL,
  status_code    smallint NOT NULL,
  calls          bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, environment, endpoint, status_code)
);

CREATE TABLE agent_call_environment_hours (
  tenant_id      text COLLATE "C" NOT NULL,
  bucket         timestamptz NOT NULL,
  agent_id       text COLLATE "C",
  environment    text COLLATE "C",
  endpoint       text COLLATE "C" NOT NULL,
  status_code    smallint NOT NULL,
  calls          bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, environment, endpoint, status_code)
);

CREATE TABLE agent_call_environment_days (
  tenant_id      text COLLATE "C" NOT NULL,
  date           date NOT NULL,
  agent_id       text COLLATE "C",
  environment    text COLLATE "C",
  endpoint       text COLLATE "C" NOT NULL,
  status_code    smallint NOT NULL,
  calls          bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id, environment, endpoint, status_code)
);
