-- no-transaction
-- Reads of sessions that take the same time however many there are. Concurrently, so that sessions go on being made; an index
-- that was broken off is built again. *_sampled: an even share of the sessions of a time range, of 1,024 shares. sessions_open and
-- sessions_failed: the list of the few that are active or have failed.
DROP INDEX CONCURRENTLY IF EXISTS sessions_sampled;
CREATE INDEX CONCURRENTLY sessions_sampled ON sessions (tenant_id, (hashtext(session_id) & 1023), started_at);
DROP INDEX CONCURRENTLY IF EXISTS session_agents_sampled;
CREATE INDEX CONCURRENTLY session_agents_sampled ON session_agents (tenant_id, agent_id, (hashtext(session_id) & 1023), started_at);
DROP INDEX CONCURRENTLY IF EXISTS sessions_open;
CREATE INDEX CONCURRENTLY sessions_open ON sessions (tenant_id, started_at, session_id) WHERE is_active;
DROP INDEX CONCURRENTLY IF EXISTS sessions_failed;
CREATE INDEX CONCURRENTLY sessions_failed ON sessions (tenant_id, started_at, session_id) WHERE ended_as = 'failed';
