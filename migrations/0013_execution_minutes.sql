-- Executions by the minute, within MINUTE_RETENTION_HOURS: the minutes of all aggregates of executions by these keys.
CREATE TABLE execution_minutes (
  tenant_id      text COLLATE "C" NOT NULL,
  bucket         timestamptz NOT NULL,
  agent_id       text COLLATE "C",
  provider       text COLLATE "C",
  model_name     text COLLATE "C",
  environment    text COLLATE "C",
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
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, provider, model_name, environment, status)
);

-- The hours whose minutes are kept are counted again by the first rollup that knows of them. A replica of an earlier
-- release does not keep minutes of executions: those of an hour that it has computed are right again after the next rollup
-- of that hour, or after the next night.
INSERT INTO dirty_marks (tenant_id, kind, bucket)
SELECT DISTINCT tenant_id, 'execution', bucket FROM execution_status_hours
WHERE bucket >= (SELECT at FROM watermarks WHERE name = 'minutes_from');
