-- Tokens and cost of executions by the model of each token usage, where executions were counted by their own model alone.
CREATE TABLE execution_model_hours (
  tenant_id           text COLLATE "C" NOT NULL,
  bucket              timestamptz NOT NULL,
  agent_id            text COLLATE "C",
  provider            text COLLATE "C",
  model_name          text COLLATE "C",
  level               text COLLATE "C" NOT NULL,
  status              text COLLATE "C" NOT NULL,
  executions          bigint NOT NULL,
  usages              bigint NOT NULL,
  input_tokens        bigint NOT NULL,
  output_tokens       bigint NOT NULL,
  priced_tokens       bigint NOT NULL,
  cost_usd            numeric NOT NULL,
  unpriced            bigint NOT NULL,
  unpriced_executions bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, provider, model_name, level, status)
);

CREATE TABLE execution_model_days (
  tenant_id           text COLLATE "C" NOT NULL,
  date                date NOT NULL,
  agent_id            text COLLATE "C",
  provider            text COLLATE "C",
  model_name          text COLLATE "C",
  level               text COLLATE "C" NOT NULL,
  status              text COLLATE "C" NOT NULL,
  executions          bigint NOT NULL,
  usages              bigint NOT NULL,
  input_tokens        bigint NOT NULL,
  output_tokens       bigint NOT NULL,
  priced_tokens       bigint NOT NULL,
  cost_usd            numeric NOT NULL,
  unpriced            bigint NOT NULL,
  unpriced_executions bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id, provider, model_name, level, status)
);

CREATE TABLE execution_model_minutes (
  tenant_id           text COLLATE "C" NOT NULL,
  bucket              timestamptz NOT NULL,
  agent_id            text COLLATE "C",
  provider            text COLLATE "C",
  model_name          text COLLATE "C",
  environment         text COLLATE "C",
  level               text COLLATE "C" NOT NULL,
  status              text COLLATE "C" NOT NULL,
  executions          bigint NOT NULL,
  usages              bigint NOT NULL,
  input_tokens        bigint NOT NULL,
  output_tokens       bigint NOT NULL,
  priced_tokens       bigint NOT NULL,
  cost_usd            numeric NOT NULL,
  unpriced            bigint NOT NULL,
  unpriced_executions bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, provider, model_name, environment, level, status)
);

-- All-time totals by model, for Prometheus.
CREATE TABLE execution_model_totals (
  tenant_id     text COLLATE "C" NOT NULL,
  model_name    text COLLATE "C",
  input_tokens  bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost_usd      numeric NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, model_name)
);

-- What is older than the executions that are kept stays on the model of each execution. No execution had a parent.
INSERT INTO execution_model_hours
SELECT tenant_id, bucket, agent_id, provider, model_name, 'top', status, executions, executions, input_tokens, output_tokens,
  priced_tokens, cost_usd, unpriced, unpriced
FROM execution_hours;

INSERT INTO execution_model_days
SELECT tenant_id, date, agent_id, provider, model_name, 'top', status, executions, executions, input_tokens, output_tokens,
  priced_tokens, cost_usd, unpriced, unpriced
FROM execution_days;

INSERT INTO execution_model_totals
SELECT tenant_id, model_name, sum(input_tokens), sum(output_tokens), sum(cost_usd) FROM execution_model_days GROUP BY 1, 2;

-- The first rollup that knows of it counts again the hours in which a usage may differ from its execution, those with a
-- nested execution, and those whose minutes are kept. A replica of an earlier release does not keep these tables: an hour
-- that it has computed is right again after the next rollup of that hour, or after the next night.
INSERT INTO dirty_marks (tenant_id, kind, bucket)
SELECT DISTINCT e.tenant_id, 'execution', date_trunc('hour', e.started_at, 'UTC')
FROM executions e JOIN token_usages u ON u.tenant_id = e.tenant_id AND u.execution_id = e.id
WHERE e.own_tokens OR e.cost_usd IS NULL
   OR (coalesce(u.provider, e.provider), coalesce(u.model_name, e.model_name)) IS DISTINCT FROM (e.provider, e.model_name)
UNION
SELECT tenant_id, 'execution', date_trunc('hour', started_at, 'UTC') FROM executions WHERE parent_execution_id IS NOT NULL
UNION
SELECT tenant_id, 'execution', bucket FROM execution_status_hours
WHERE bucket >= (SELECT at FROM watermarks WHERE name = 'minutes_from');

-- An hour without a level has been computed by a replica of an earlier release: the next rollup counts it again. What is
-- there now has none of that.
ALTER TABLE execution_status_hours ADD COLUMN level text COLLATE "C" DEFAULT 'top';
ALTER TABLE execution_status_hours ALTER COLUMN level DROP DEFAULT;
ALTER TABLE execution_status_hours DROP CONSTRAINT execution_status_hours_tenant_id_bucket_status_key;
ALTER TABLE execution_status_hours ADD UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, level, status);
CREATE INDEX execution_status_hours_earlier ON execution_status_hours (tenant_id, bucket) WHERE level IS NULL;
ALTER TABLE execution_status_days ADD COLUMN level text COLLATE "C" DEFAULT 'top';
ALTER TABLE execution_status_days ALTER COLUMN level DROP DEFAULT;
ALTER TABLE execution_status_days DROP CONSTRAINT execution_status_days_tenant_id_date_status_key;
ALTER TABLE execution_status_days ADD UNIQUE NULLS NOT DISTINCT (tenant_id, date, level, status);
TRUNCATE execution_minutes;
ALTER TABLE execution_minutes ADD COLUMN level text COLLATE "C" NOT NULL;
ALTER TABLE execution_minutes DROP CONSTRAINT execution_minutes_tenant_id_bucket_agent_id_provider_model__key;
ALTER TABLE execution_minutes
  ADD UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, provider, model_name, environment, level, status);
