-- Exports that are made in the background. request: what is exported, with its times. next_attempt_at: when it is due; while
-- it runs, the end of the claim of the replica that makes it; null once it is done or has failed.
-- file: its name in the storage. link_key: the key that signs its link.
CREATE TABLE export_jobs (
  tenant_id       text COLLATE "C" NOT NULL,
  id              uuid NOT NULL,
  request         jsonb NOT NULL,
  status          text COLLATE "C" NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed')),
  progress        smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  link_key        bytea NOT NULL,
  file            text,
  rows            bigint,
  bytes           bigint,
  error           text,
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX export_jobs_due ON export_jobs (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX export_jobs_ended ON export_jobs (expires_at) WHERE expires_at IS NOT NULL;
