-- Errors by level. What is there now counts as of the top level, and the first rollup counts the hours with nested
-- executions again.
INSERT INTO dirty_marks (tenant_id, kind, bucket)
SELECT DISTINCT tenant_id, 'execution', date_trunc('hour', started_at, 'UTC')
FROM executions WHERE parent_execution_id IS NOT NULL AND error_type IS NOT NULL;

ALTER TABLE execution_error_hours ADD COLUMN level text COLLATE "C" DEFAULT 'top';
ALTER TABLE execution_error_hours ALTER COLUMN level DROP DEFAULT;
ALTER TABLE execution_error_hours DROP CONSTRAINT execution_error_hours_tenant_id_bucket_agent_id_provider_mo_key;
ALTER TABLE execution_error_hours
  ADD UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, provider, model_name, error_type, level, status);
ALTER TABLE execution_error_days ADD COLUMN level text COLLATE "C" DEFAULT 'top';
ALTER TABLE execution_error_days ALTER COLUMN level DROP DEFAULT;
ALTER TABLE execution_error_days DROP CONSTRAINT execution_error_days_tenant_id_date_agent_id_provider_model_key;
ALTER TABLE execution_error_days
  ADD UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id, provider, model_name, error_type, level, status);

-- A replica of the release before leaves the level of its hours null.
CREATE INDEX execution_error_hours_earlier ON execution_error_hours (tenant_id, bucket) WHERE level IS NULL;
