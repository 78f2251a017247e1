-- Reports, and their runs. next_run_at: when the schedule is due next, null without a schedule.
CREATE TABLE reports (
  tenant_id   text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id          uuid NOT NULL,
  name        text NOT NULL,
  template    text COLLATE "C",
  metrics     text[] COLLATE "C" NOT NULL,
  group_by    text[] COLLATE "C" NOT NULL,
  filters     jsonb NOT NULL,
  schedule    text,
  time_zone   text NOT NULL,
  recipients  text[] NOT NULL,
  channels    text[] COLLATE "C" NOT NULL,
  next_run_at timestamptz,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX reports_due ON reports (next_run_at) WHERE next_run_at IS NOT NULL;

-- slot: of the schedule, null for a run that somebody has asked for. content: what was found, null until it is done.
-- next_attempt_at: the end of the claim while a replica runs it, null once it is finished.
CREATE TABLE report_runs (
  tenant_id       text COLLATE "C" NOT NULL,
  id              uuid NOT NULL,
  report_id       uuid NOT NULL,
  slot            timestamptz,
  status          text COLLATE "C" NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed')),
  from_at         timestamptz NOT NULL,
  to_at           timestamptz NOT NULL,
  time_zone       text NOT NULL,
  created_at      timestamptz NOT NULL,
  started_at      timestamptz,
  finished_at     timestamptz,
  next_attempt_at timestamptz DEFAULT now(),
  attempts        integer NOT NULL DEFAULT 0,
  error           text,
  content         jsonb,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, report_id) REFERENCES reports (tenant_id, id) ON DELETE CASCADE
);
-- One run a slot, however many replicas find it due.
CREATE UNIQUE INDEX report_runs_slot ON report_runs (tenant_id, report_id, slot);
CREATE INDEX report_runs_due ON report_runs (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
