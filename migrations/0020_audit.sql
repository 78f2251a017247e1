-- Who changed prices, budgets and tiers. The row is written in the transaction of the change.
CREATE TABLE audit_log (
  tenant_id   text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id          uuid NOT NULL,
  at          timestamptz NOT NULL DEFAULT now(),
  subject     text NOT NULL,
  via         text COLLATE "C" NOT NULL CHECK (via IN ('api', 'command_line')),
  action      text COLLATE "C" NOT NULL CHECK (action IN ('create', 'change', 'delete')),
  resource    text COLLATE "C" NOT NULL,
  resource_id text COLLATE "C" NOT NULL,
  before      jsonb,
  after       jsonb,
  PRIMARY KEY (tenant_id, id)
);
