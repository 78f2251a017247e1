-- A tenant's metrics cost what is shown, not every agent that was ever seen: agents with series of their own are found
-- by an index, and of all others the sums are kept, moved in the transaction that moves what they are the sums of.
-- A replica of an earlier release does not move them: they are set right when one of this release starts, and every night.
CREATE TABLE agent_totals_other (
  tenant_id   text COLLATE "C" NOT NULL,
  metric_type text COLLATE "C" NOT NULL,
  count       bigint NOT NULL,
  PRIMARY KEY (tenant_id, metric_type)
);

CREATE TABLE execution_counters_other (
  tenant_id  text COLLATE "C" NOT NULL,
  status     text COLLATE "C" NOT NULL,
  executions bigint NOT NULL,
  PRIMARY KEY (tenant_id, status)
);

INSERT INTO agent_totals_other
SELECT tenant_id, metric_type, sum(count_as_other) FROM agent_totals GROUP BY 1, 2;

INSERT INTO execution_counters_other
SELECT tenant_id, status, sum(executions_as_other) FROM execution_agent_counters GROUP BY 1, 2;

CREATE INDEX agents_named ON agents (tenant_id, id) WHERE metrics_named;
-- The latest sign of life, and those of the last 24 hours.
CREATE INDEX agents_seen ON agents (tenant_id, last_seen_at) WHERE deleted_at IS NULL AND first_seen_at IS NOT NULL;
-- Of the others the oldest rotation.
CREATE INDEX agents_rotated ON agents (tenant_id, (coalesce(last_rotated_at, first_seen_at)))
  WHERE NOT metrics_named AND deleted_at IS NULL AND first_seen_at IS NOT NULL;
