-- no-transaction
-- The run that called a run, and the service that sent it. Concurrently, so that executions go on coming in; an index that
-- was broken off is built again. Only nested runs are in the indexes: the first finds the children of a run, the second
-- counts the nested runs of a time range.
ALTER TABLE executions
  ADD COLUMN IF NOT EXISTS parent_execution_id uuid,
  ADD COLUMN IF NOT EXISTS service_name text COLLATE "C",
  ADD COLUMN IF NOT EXISTS service_version text COLLATE "C";
DROP INDEX CONCURRENTLY IF EXISTS executions_parent;
CREATE INDEX CONCURRENTLY executions_parent ON executions (tenant_id, parent_execution_id, started_at, id) WHERE parent_execution_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS executions_nested;
CREATE INDEX CONCURRENTLY executions_nested ON executions (tenant_id, started_at, id) WHERE parent_execution_id IS NOT NULL;
