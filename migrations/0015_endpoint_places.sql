-- A name takes one of a tenant's places for good when it has been used twice within a day. Until then its row names the
-- event that used it, and another name may take the place. Null: for good, as all names of earlier releases are.
ALTER TABLE endpoint_names
  ADD COLUMN first_event_id uuid, ADD COLUMN first_occurred_at timestamptz, ADD COLUMN first_used_at timestamptz;

-- Names that were used once and found no place; their event was counted as "other".
CREATE TABLE endpoint_candidates (
  tenant_id   text COLLATE "C" NOT NULL,
  endpoint    text COLLATE "C" NOT NULL,
  event_id    uuid NOT NULL,
  occurred_at timestamptz NOT NULL,
  used_at     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, endpoint)
);
CREATE INDEX endpoint_candidates_used ON endpoint_candidates (tenant_id, used_at);

-- Up to which day the stored names of a tenant follow the rules for names that are given.
CREATE TABLE endpoint_folds (
  tenant_id    text COLLATE "C" PRIMARY KEY,
  rules        text NOT NULL,
  folded_until date NOT NULL,
  folded_on    date
);
