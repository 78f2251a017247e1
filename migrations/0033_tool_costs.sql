-- What tool calls have cost by user, flow and environment of their execution: cost_of says which of them of_id is.
CREATE TABLE execution_tool_cost_hours (
  tenant_id text COLLATE "C" NOT NULL,
  bucket    timestamptz NOT NULL,
  cost_of   text COLLATE "C" NOT NULL,
  of_id     text COLLATE "C",
  cost_usd  numeric NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, cost_of, of_id)
);
CREATE TABLE execution_tool_cost_days (
  tenant_id text COLLATE "C" NOT NULL,
  date      date NOT NULL,
  cost_of   text COLLATE "C" NOT NULL,
  of_id     text COLLATE "C",
  cost_usd  numeric NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, cost_of, of_id)
);

-- The first rollup that knows of them fills them. An hour that a replica of an earlier release has computed since is right
-- again after the next rollup of that hour, or after the next night.
INSERT INTO dirty_marks (tenant_id, kind, bucket)
SELECT DISTINCT tenant_id, 'execution', bucket FROM execution_tool_hours
WHERE cost_usd > 0 AND bucket >= coalesce((SELECT at FROM watermarks WHERE name = 'executions_from'), '-infinity');
