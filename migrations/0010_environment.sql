-- Executions by the deployment environment in which they ran. No execution had one before, so that the aggregates of the
-- past follow from those by status. A replica of an earlier release does not keep these tables: an hour that it has
-- computed is right again after the next rollup of that hour, or after the next night.
ALTER TABLE executions ADD COLUMN environment text COLLATE "C";

CREATE TABLE execution_environment_hours (
  tenant_id      text COLLATE "C" NOT NULL,
  bucket         timestamptz NOT NULL,
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
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, environment, status)
);

CREATE TABLE execution_environment_days (
  tenant_id      text COLLATE "C" NOT NULL,
  date           date NOT NULL,
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
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, environment, status)
);

INSERT INTO execution_environment_hours (tenant_id, bucket, status, executions, duration_count, duration_sum, hist_buckets, hist_counts, steps, input_tokens,
  output_tokens, priced_tokens, cost_usd, spend_usd, unpriced)
SELECT tenant_id, bucket, status, executions, duration_count, duration_sum, hist_buckets, hist_counts, steps, input_tokens,
  output_tokens, priced_tokens, cost_usd, spend_usd, unpriced
FROM execution_status_hours;

INSERT INTO execution_environment_days (tenant_id, date, status, executions, duration_count, duration_sum, hist_buckets, hist_counts, steps, input_tokens,
  output_tokens, priced_tokens, cost_usd, spend_usd, unpriced)
SELECT tenant_id, date, status, executions, duration_count, duration_sum, hist_buckets, hist_counts, steps, input_tokens,
  output_tokens, priced_tokens, cost_usd, spend_usd, unpriced
FROM execution_status_days;
