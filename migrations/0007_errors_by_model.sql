-- Which model refuses, limits or times out is asked of errors first: they carry what executions carry.
ALTER TABLE execution_error_hours ADD COLUMN provider text COLLATE "C", ADD COLUMN model_name text COLLATE "C";
ALTER TABLE execution_error_hours
  DROP CONSTRAINT execution_error_hours_tenant_id_bucket_agent_id_error_type__key,
  ADD UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, provider, model_name, error_type, status);
ALTER TABLE execution_error_days ADD COLUMN provider text COLLATE "C", ADD COLUMN model_name text COLLATE "C";
ALTER TABLE execution_error_days
  DROP CONSTRAINT execution_error_days_tenant_id_date_agent_id_error_type_sta_key,
  ADD UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id, provider, model_name, error_type, status);
-- Hours whose executions are kept are counted again by the first rollup that knows of it; of older ones the model stays
-- unknown.
INSERT INTO dirty_marks (tenant_id, kind, bucket) SELECT DISTINCT tenant_id, 'execution', bucket FROM execution_error_hours;
