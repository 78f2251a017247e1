-- no-transaction
-- What the live figures need, and dashboards of the tenants' own. Every statement can be repeated.

-- What has arrived of a tenant, a row for each time that a replica tells the others. Only the last minute is ever read, so
-- that nothing is lost with a table that a crash of the server empties.
-- changes: executions that were written. finished, failed: those that were reported as finished for the first time.
CREATE UNLOGGED TABLE IF NOT EXISTS live_arrivals (
  tenant_id  text COLLATE "C" NOT NULL,
  at         timestamptz NOT NULL DEFAULT now(),
  executions bigint NOT NULL,
  finished   bigint NOT NULL,
  failed     bigint NOT NULL,
  changes    bigint NOT NULL,
  api_calls  bigint NOT NULL,
  tokens     bigint NOT NULL,
  cost_usd   numeric NOT NULL
);
CREATE INDEX IF NOT EXISTS live_arrivals_order ON live_arrivals (tenant_id, at);

-- Concurrently, so that executions go on coming in; an index that was broken off is built again. Only running executions
-- are in it.
DROP INDEX CONCURRENTLY IF EXISTS executions_running;
CREATE INDEX CONCURRENTLY executions_running ON executions (tenant_id, started_at, id) WHERE status = 'running';

-- widgets: as they were sent, checked against the catalog.
CREATE TABLE IF NOT EXISTS custom_dashboards (
  tenant_id  text COLLATE "C" NOT NULL,
  id         uuid NOT NULL,
  name       text NOT NULL,
  widgets    jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
