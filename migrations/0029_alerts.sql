-- Alerts: rules over metrics of the catalog. state, value and since are those of the last evaluation; evaluated_to is the
-- end of the last window. for_text and repeat_text are durations such as 5m.
CREATE TABLE alert_rules (
  tenant_id         text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id                uuid NOT NULL,
  name              text NOT NULL,
  condition         jsonb NOT NULL,
  for_text          text NOT NULL,
  repeat_text       text NOT NULL,
  severity          text COLLATE "C" NOT NULL,
  channels          text[] NOT NULL,
  message           text,
  is_active         boolean NOT NULL,
  created_at        timestamptz NOT NULL DEFAULT now(),
  state             text COLLATE "C" NOT NULL DEFAULT 'ok',
  value             double precision,
  since             timestamptz,
  evaluated_to      timestamptz,
  last_evaluated_at timestamptz,
  last_error        text,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX alert_rules_active ON alert_rules (tenant_id, evaluated_to) WHERE is_active;

-- What of a rule is not ok: one row a group, or one with an empty key for a rule without groups. key is the group as JSON.
CREATE TABLE alert_instances (
  tenant_id   text COLLATE "C" NOT NULL,
  rule_id     uuid NOT NULL,
  key         text COLLATE "C" NOT NULL,
  labels      jsonb NOT NULL,
  state       text COLLATE "C" NOT NULL,
  value       double precision,
  samples     double precision,
  since       timestamptz NOT NULL,
  notified_at timestamptz,
  PRIMARY KEY (tenant_id, rule_id, key)
);

CREATE TABLE alert_events (
  tenant_id  text COLLATE "C" NOT NULL,
  id         uuid NOT NULL,
  rule_id    uuid NOT NULL,
  at         timestamptz NOT NULL,
  labels     jsonb NOT NULL,
  from_state text COLLATE "C" NOT NULL,
  to_state   text COLLATE "C" NOT NULL,
  value      double precision,
  samples    double precision,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX alert_events_rule ON alert_events (tenant_id, rule_id, id);
CREATE INDEX alert_events_at ON alert_events (tenant_id, at);
