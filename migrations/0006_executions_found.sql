-- no-transaction
-- A session, a user and a kind of failure have few of a tenant's executions each. Concurrently, so that others go on
-- coming in; one that was broken off is built again.
DROP INDEX CONCURRENTLY IF EXISTS executions_session;
CREATE INDEX CONCURRENTLY executions_session ON executions (tenant_id, session_id, started_at, id) WHERE session_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS executions_user;
CREATE INDEX CONCURRENTLY executions_user ON executions (tenant_id, user_id, started_at, id) WHERE user_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS executions_error;
CREATE INDEX CONCURRENTLY executions_error ON executions (tenant_id, error_type, started_at, id) WHERE error_type IS NOT NULL;
