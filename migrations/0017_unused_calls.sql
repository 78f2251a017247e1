-- What has used nothing and costs nothing, such as a failed call, is neither priced nor unpriced. What is there now counts
-- as before until its hour is counted again.
ALTER TABLE execution_model_hours ADD COLUMN unused_executions bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_model_days ADD COLUMN unused_executions bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_model_minutes ADD COLUMN unused_executions bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_component_hours ADD COLUMN priced_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_component_days ADD COLUMN priced_tokens bigint NOT NULL DEFAULT 0;

-- Agents that a trace has registered under an id alone, which gives way to a name that comes later.
ALTER TABLE otlp_traces ADD COLUMN unnamed_agents json;
