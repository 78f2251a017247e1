-- Executions by level, also by agent, model, user, flow and environment. What is there now counts as of the top level; the
-- first rollup that knows of levels counts again the hours with a nested execution, and those that a replica of an earlier
-- release has computed.
INSERT INTO dirty_marks (tenant_id, kind, bucket)
SELECT tenant_id, 'execution', date_trunc('hour', started_at, 'UTC') FROM executions WHERE parent_execution_id IS NOT NULL
UNION
SELECT tenant_id, 'execution', bucket FROM execution_status_hours
WHERE level IS NULL AND bucket >= coalesce((SELECT at FROM watermarks WHERE name = 'executions_from'), '-infinity');

ALTER TABLE execution_hours ADD COLUMN level text COLLATE "C" DEFAULT 'top';
ALTER TABLE execution_hours ALTER COLUMN level DROP DEFAULT;
ALTER TABLE execution_hours DROP CONSTRAINT execution_hours_tenant_id_bucket_agent_id_provider_model_na_key;
ALTER TABLE execution_hours ADD UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, provider, model_name, level, status);
ALTER TABLE execution_days ADD COLUMN level text COLLATE "C" DEFAULT 'top';
ALTER TABLE execution_days ALTER COLUMN level DROP DEFAULT;
ALTER TABLE execution_days DROP CONSTRAINT execution_days_tenant_id_date_agent_id_provider_model_name__key;
ALTER TABLE execution_days ADD UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id, provider, model_name, level, status);
ALTER TABLE execution_user_hours ADD COLUMN level text COLLATE "C" DEFAULT 'top';
ALTER TABLE execution_user_hours ALTER COLUMN level DROP DEFAULT;
ALTER TABLE execution_user_hours DROP CONSTRAINT execution_user_hours_tenant_id_bucket_user_id_status_key;
ALTER TABLE execution_user_hours ADD UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, user_id, level, status);
ALTER TABLE execution_user_days ADD COLUMN level text COLLATE "C" DEFAULT 'top';
ALTER TABLE execution_user_days ALTER COLUMN level DROP DEFAULT;
ALTER TABLE execution_user_days DROP CONSTRAINT execution_user_days_tenant_id_date_user_id_status_key;
ALTER TABLE execution_user_days ADD UNIQUE NULLS NOT DISTINCT (tenant_id, date, user_id, level, status);
ALTER TABLE execution_flow_hours ADD COLUMN level text COLLATE "C" DEFAULT 'top';
ALTER TABLE execution_flow_hours ALTER COLUMN level DROP DEFAULT;
ALTER TABLE execution_flow_hours DROP CONSTRAINT execution_flow_hours_tenant_id_bucket_flow_id_status_key;
ALTER TABLE execution_flow_hours ADD UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, flow_id, level, status);
ALTER TABLE execution_flow_days ADD COLUMN level text COLLATE "C" DEFAULT 'top';
ALTER TABLE execution_flow_days ALTER COLUMN level DROP DEFAULT;
ALTER TABLE execution_flow_days DROP CONSTRAINT execution_flow_days_tenant_id_date_flow_id_status_key;
ALTER TABLE execution_flow_days ADD UNIQUE NULLS NOT DISTINCT (tenant_id, date, flow_id, level, status);
ALTER TABLE execution_environment_hours ADD COLUMN level text COLLATE "C" DEFAULT 'top';
ALTER TABLE execution_environment_hours ALTER COLUMN level DROP DEFAULT;
ALTER TABLE execution_environment_hours DROP CONSTRAINT execution_environment_hours_tenant_id_bucket_environment_st_key;
ALTER TABLE execution_environment_hours ADD UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, environment, level, status);
ALTER TABLE execution_environment_days ADD COLUMN level text COLLATE "C" DEFAULT 'top';
ALTER TABLE execution_environment_days ALTER COLUMN level DROP DEFAULT;
ALTER TABLE execution_environment_days DROP CONSTRAINT execution_environment_days_tenant_id_date_environment_statu_key;
ALTER TABLE execution_environment_days ADD UNIQUE NULLS NOT DISTINCT (tenant_id, date, environment, level, status);

-- An hour without a level in execution_hours has been computed by a replica of an earlier release, whichever it is: one
-- that has levels in execution_status_hours does not have them here.
CREATE INDEX execution_hours_earlier ON execution_hours (tenant_id, bucket) WHERE level IS NULL;
DROP INDEX execution_status_hours_earlier;
