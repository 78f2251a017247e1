-- Recommendations as the last night found them, each replaced by the next night's. position: the largest saving first.
-- content: the recommendation as it is answered. weight: by what it is measured whether it has changed. is_open: whether its
-- savings can still be made.
CREATE TABLE recommendations (
  tenant_id   text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id          uuid NOT NULL,
  position    integer NOT NULL,
  content     jsonb NOT NULL,
  weight      numeric NOT NULL,
  is_open     boolean NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- One row a tenant: of when they are, and the period that they are of.
CREATE TABLE recommendation_runs (
  tenant_id   text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tenants (id),
  computed_at timestamptz NOT NULL,
  from_at     timestamptz NOT NULL,
  to_at       timestamptz NOT NULL
);

-- weight: that of the recommendation when it was dismissed, in the period of that name. until: when the dismissal ends, null for never.
CREATE TABLE recommendation_dismissals (
  tenant_id    text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id           uuid NOT NULL,
  dismissed_at timestamptz NOT NULL,
  period       text COLLATE "C" NOT NULL,
  weight       numeric NOT NULL,
  until        timestamptz,
  reason       text,
  PRIMARY KEY (tenant_id, id)
);
