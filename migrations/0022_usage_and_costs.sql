-- Cached and reasoning tokens in the aggregates of executions, durations and costs of tool calls, and costs that no execution
-- carries.
ALTER TABLE execution_hours
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_days
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_status_hours
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_status_days
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_user_hours
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_user_days
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_flow_hours
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_flow_days
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_environment_hours
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_environment_days
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_tag_hours
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_tag_days
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_model_hours
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_model_days
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_minutes
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_model_minutes
  ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0, ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;

-- priced: the calls whose cost is known, because it was reported or because the tool has a price.
ALTER TABLE execution_tool_hours
  ADD COLUMN hist_buckets smallint[] NOT NULL DEFAULT '{}', ADD COLUMN hist_counts bigint[] NOT NULL DEFAULT '{}',
  ADD COLUMN cost_usd numeric NOT NULL DEFAULT 0, ADD COLUMN priced bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_tool_days
  ADD COLUMN hist_buckets smallint[] NOT NULL DEFAULT '{}', ADD COLUMN hist_counts bigint[] NOT NULL DEFAULT '{}',
  ADD COLUMN cost_usd numeric NOT NULL DEFAULT 0, ADD COLUMN priced bigint NOT NULL DEFAULT 0;

ALTER TABLE execution_steps ADD COLUMN reported_cost_usd numeric;

-- Spread evenly over their days, both included.
CREATE TABLE cost_items (
  tenant_id   text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id          uuid NOT NULL,
  category    text COLLATE "C" NOT NULL CHECK (category IN ('storage', 'other')),
  amount_usd  numeric NOT NULL CHECK (amount_usd >= 0),
  start_date  date NOT NULL,
  end_date    date NOT NULL CHECK (end_date >= start_date),
  agent_id    text COLLATE "C",
  description text,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);

-- All costs by agent, in the form of an aggregate.
CREATE VIEW cost_hours (tenant_id, bucket, agent_id, executions, unpriced, model_usd, tool_usd, storage_usd, other_usd) AS
  SELECT tenant_id, bucket, agent_id, executions, unpriced, cost_usd, 0::numeric, 0::numeric, 0::numeric FROM execution_hours
  UNION ALL
  SELECT tenant_id, bucket, agent_id, 0, 0, 0, cost_usd, 0, 0 FROM execution_tool_hours
  UNION ALL
  SELECT i.tenant_id, s.bucket, i.agent_id, 0, 0, 0, 0,
    CASE i.category WHEN 'storage' THEN i.amount_usd / ((i.end_date - i.start_date + 1) * 24) ELSE 0 END,
    CASE i.category WHEN 'other' THEN i.amount_usd / ((i.end_date - i.start_date + 1) * 24) ELSE 0 END
  FROM cost_items i CROSS JOIN LATERAL generate_series(i.start_date::timestamp AT TIME ZONE 'UTC',
    (i.end_date + time '23:00') AT TIME ZONE 'UTC', interval '1 hour') AS s (bucket);

CREATE VIEW cost_days (tenant_id, date, agent_id, executions, unpriced, model_usd, tool_usd, storage_usd, other_usd) AS
  SELECT tenant_id, date, agent_id, executions, unpriced, cost_usd, 0::numeric, 0::numeric, 0::numeric FROM execution_days
  UNION ALL
  SELECT tenant_id, date, agent_id, 0, 0, 0, cost_usd, 0, 0 FROM execution_tool_days
  UNION ALL
  SELECT i.tenant_id, s.date, i.agent_id, 0, 0, 0, 0,
    CASE i.category WHEN 'storage' THEN i.amount_usd / ((i.end_date - i.start_date + 1) * 1) ELSE 0 END,
    CASE i.category WHEN 'other' THEN i.amount_usd / ((i.end_date - i.start_date + 1) * 1) ELSE 0 END
  FROM cost_items i CROSS JOIN LATERAL generate_series(i.start_date, i.end_date, interval '1 day') AS g (day)
  CROSS JOIN LATERAL (SELECT g.day::date AS date) AS s;

-- The first rollup that knows of them counts again the hours that have such tokens, or a tool call with a duration or a
-- price. A replica of an earlier release leaves the new columns as they are by default: an hour that it has computed is right
-- again after the next rollup of that hour, or after the next night.
INSERT INTO dirty_marks (tenant_id, kind, bucket)
SELECT tenant_id, 'execution', date_trunc('hour', started_at, 'UTC') FROM executions
WHERE cached_input_tokens > 0 OR reasoning_tokens > 0
UNION
SELECT tenant_id, 'execution', bucket FROM execution_tool_hours t
WHERE bucket >= coalesce((SELECT at FROM watermarks WHERE name = 'executions_from'), '-infinity')
  AND (duration_count > 0
       OR EXISTS (SELECT FROM tool_prices p WHERE p.tenant_id = t.tenant_id AND p.tool_name = t.tool_name));
