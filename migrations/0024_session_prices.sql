-- Tokens of the executions of a session whose cost is known: what has used nothing and costs nothing is neither priced nor
-- unpriced. The rollups that follow make the sessions anew that are there.
ALTER TABLE sessions ADD COLUMN priced_tokens bigint NOT NULL DEFAULT 0;
INSERT INTO session_marks (tenant_id, bucket, session_id)
SELECT tenant_id, date_trunc('hour', started_at, 'UTC'), session_id FROM sessions;

-- Those that end by the clock, without the ones in which an execution runs for good.
CREATE INDEX sessions_idle ON sessions (tenant_id, ended_at) WHERE is_active AND running = 0;
DROP INDEX sessions_active;
