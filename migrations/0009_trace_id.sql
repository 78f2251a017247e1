-- no-transaction
-- The trace that an execution is part of. Few executions of a tenant have the same one.
ALTER TABLE executions ADD COLUMN IF NOT EXISTS trace_id text COLLATE "C";
DROP INDEX CONCURRENTLY IF EXISTS executions_trace;
CREATE INDEX CONCURRENTLY executions_trace ON executions (tenant_id, trace_id, started_at, id) WHERE trace_id IS NOT NULL;
