-- What Prometheus is shown: the highest that each sum of execution_totals has been. Its counters may not fall, but a
-- correction takes an execution out of one sum and puts it into another.
CREATE TABLE execution_agent_counters (
  tenant_id           text COLLATE "C" NOT NULL,
  agent_id            text COLLATE "C",
  status              text COLLATE "C" NOT NULL,
  -- Under the agent's own name, and within "other".
  executions          bigint NOT NULL,
  executions_as_other bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, agent_id, status)
);

CREATE TABLE execution_model_counters (
  tenant_id     text COLLATE "C" NOT NULL,
  model_name    text COLLATE "C",
  input_tokens  bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost_usd      numeric NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, model_name)
);

INSERT INTO execution_agent_counters
SELECT tenant_id, agent_id, status, greatest(sum(executions - executions_as_other), 0), greatest(sum(executions_as_other), 0)
FROM execution_totals GROUP BY 1, 2, 3;

INSERT INTO execution_model_counters
SELECT tenant_id, model_name, greatest(sum(input_tokens), 0), greatest(sum(output_tokens), 0), greatest(sum(cost_usd), 0)
FROM execution_totals GROUP BY 1, 2;
