-- Sessions: the executions that share a session_id, as facts of their own, and their aggregates.

-- Sessions of which an execution has changed, with the hour of that execution. Appended in the transaction of the change.
CREATE TABLE session_marks (
  tenant_id  text COLLATE "C" NOT NULL,
  bucket     timestamptz NOT NULL,
  session_id text COLLATE "C" NOT NULL,
  marked_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX session_marks_order ON session_marks (tenant_id, bucket, session_id);

-- ended_at: the last end of an execution. running: executions that have not ended.
-- ended_as: completed or failed, once it has ended. is_active: whether the aggregates count it as active.
-- path: the labels of its steps, equal neighbours collapsed, with the time of each. is_cut: not all executions were looked at.
CREATE TABLE sessions (
  tenant_id    text COLLATE "C" NOT NULL,
  session_id   text COLLATE "C" NOT NULL,
  started_at   timestamptz NOT NULL,
  ended_at     timestamptz NOT NULL,
  executions   bigint NOT NULL,
  steps        bigint NOT NULL,
  total_tokens bigint NOT NULL,
  cost_usd     numeric NOT NULL,
  unpriced     bigint NOT NULL,
  running      bigint NOT NULL,
  ended_as     text COLLATE "C" NOT NULL,
  is_active    boolean NOT NULL,
  is_cut       boolean NOT NULL,
  user_id      text COLLATE "C",
  environment  text COLLATE "C",
  agents       text[] NOT NULL,
  agent_path   text[] NOT NULL,
  path         text[] NOT NULL,
  path_at      timestamptz[] NOT NULL,
  PRIMARY KEY (tenant_id, session_id)
);
CREATE INDEX sessions_started ON sessions (tenant_id, started_at, session_id);
CREATE INDEX sessions_user ON sessions (tenant_id, user_id, started_at, session_id) WHERE user_id IS NOT NULL;
CREATE INDEX sessions_active ON sessions (tenant_id, ended_at) WHERE is_active;

-- The agents of each session, with the path of their own steps. started_at is that of the session.
CREATE TABLE session_agents (
  tenant_id  text COLLATE "C" NOT NULL,
  session_id text COLLATE "C" NOT NULL,
  agent_id   text COLLATE "C" NOT NULL,
  started_at timestamptz NOT NULL,
  path       text[] NOT NULL,
  path_at    timestamptz[] NOT NULL,
  PRIMARY KEY (tenant_id, session_id, agent_id)
);
CREATE INDEX session_agents_started ON session_agents (tenant_id, agent_id, started_at, session_id);

-- Sessions by the hour in which they began. duration_sum is in seconds.
CREATE TABLE session_hours (
  tenant_id    text COLLATE "C" NOT NULL,
  bucket       timestamptz NOT NULL,
  environment  text COLLATE "C",
  sessions     bigint NOT NULL,
  active       bigint NOT NULL,
  completed    bigint NOT NULL,
  duration_sum double precision NOT NULL,
  executions   bigint NOT NULL,
  steps        bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, environment)
);
CREATE TABLE session_days (
  tenant_id    text COLLATE "C" NOT NULL,
  date         date NOT NULL,
  environment  text COLLATE "C",
  sessions     bigint NOT NULL,
  active       bigint NOT NULL,
  completed    bigint NOT NULL,
  duration_sum double precision NOT NULL,
  executions   bigint NOT NULL,
  steps        bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, environment)
);

-- A session counts under each of its agents.
CREATE TABLE session_agent_hours (
  tenant_id    text COLLATE "C" NOT NULL,
  bucket       timestamptz NOT NULL,
  agent_id     text COLLATE "C" NOT NULL,
  environment  text COLLATE "C",
  sessions     bigint NOT NULL,
  active       bigint NOT NULL,
  completed    bigint NOT NULL,
  duration_sum double precision NOT NULL,
  executions   bigint NOT NULL,
  steps        bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, environment)
);
CREATE TABLE session_agent_days (
  tenant_id    text COLLATE "C" NOT NULL,
  date         date NOT NULL,
  agent_id     text COLLATE "C" NOT NULL,
  environment  text COLLATE "C",
  sessions     bigint NOT NULL,
  active       bigint NOT NULL,
  completed    bigint NOT NULL,
  duration_sum double precision NOT NULL,
  executions   bigint NOT NULL,
  steps        bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id, environment)
);

CREATE TABLE session_user_hours (
  tenant_id    text COLLATE "C" NOT NULL,
  bucket       timestamptz NOT NULL,
  user_id      text COLLATE "C",
  sessions     bigint NOT NULL,
  active       bigint NOT NULL,
  completed    bigint NOT NULL,
  duration_sum double precision NOT NULL,
  executions   bigint NOT NULL,
  steps        bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, user_id)
);
CREATE TABLE session_user_days (
  tenant_id    text COLLATE "C" NOT NULL,
  date         date NOT NULL,
  user_id      text COLLATE "C",
  sessions     bigint NOT NULL,
  active       bigint NOT NULL,
  completed    bigint NOT NULL,
  duration_sum double precision NOT NULL,
  executions   bigint NOT NULL,
  steps        bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, user_id)
);

-- Sessions by their flow. flow_of: steps or agents. of_agent: of the runs of that agent, null for all runs. flow_key is null
-- for the flows beyond those that are kept.
CREATE TABLE session_flow_hours (
  tenant_id    text COLLATE "C" NOT NULL,
  bucket       timestamptz NOT NULL,
  flow_of      text COLLATE "C" NOT NULL,
  of_agent     text COLLATE "C",
  flow_key     uuid,
  flow         text[] NOT NULL,
  sessions     bigint NOT NULL,
  active       bigint NOT NULL,
  completed    bigint NOT NULL,
  duration_sum double precision NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, flow_of, of_agent, flow_key)
);
CREATE TABLE session_flow_days (
  tenant_id    text COLLATE "C" NOT NULL,
  date         date NOT NULL,
  flow_of      text COLLATE "C" NOT NULL,
  of_agent     text COLLATE "C",
  flow_key     uuid,
  flow         text[] NOT NULL,
  sessions     bigint NOT NULL,
  active       bigint NOT NULL,
  completed    bigint NOT NULL,
  duration_sum double precision NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, flow_of, of_agent, flow_key)
);

-- Sessions by the length and the last step of their flow. last_step is null for the steps beyond those that are kept.
CREATE TABLE session_end_hours (
  tenant_id text COLLATE "C" NOT NULL,
  bucket    timestamptz NOT NULL,
  of_agent  text COLLATE "C",
  length    integer NOT NULL,
  last_step text COLLATE "C",
  sessions  bigint NOT NULL,
  active    bigint NOT NULL,
  completed bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, of_agent, length, last_step)
);
CREATE TABLE session_end_days (
  tenant_id text COLLATE "C" NOT NULL,
  date      date NOT NULL,
  of_agent  text COLLATE "C",
  length    integer NOT NULL,
  last_step text COLLATE "C",
  sessions  bigint NOT NULL,
  active    bigint NOT NULL,
  completed bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, of_agent, length, last_step)
);

-- Executions without a session.
CREATE TABLE sessionless_hours (
  tenant_id  text COLLATE "C" NOT NULL,
  bucket     timestamptz NOT NULL,
  agent_id   text COLLATE "C",
  executions bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id)
);
CREATE TABLE sessionless_days (
  tenant_id  text COLLATE "C" NOT NULL,
  date       date NOT NULL,
  agent_id   text COLLATE "C",
  executions bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id)
);

INSERT INTO sessionless_hours (tenant_id, bucket, agent_id, executions)
SELECT tenant_id, date_trunc('hour', started_at, 'UTC'), agent_id, count(*) FROM executions WHERE session_id IS NULL GROUP BY 1, 2, 3;
INSERT INTO sessionless_days (tenant_id, date, agent_id, executions)
SELECT tenant_id, (bucket AT TIME ZONE 'UTC')::date, agent_id, sum(executions) FROM sessionless_hours GROUP BY 1, 2, 3;

-- The rollups that follow make the sessions of what is there. A replica of an earlier release marks no sessions: one that it
-- has changed is right again after the next change of the session, or after the next night.
INSERT INTO session_marks (tenant_id, bucket, session_id)
SELECT tenant_id, date_trunc('hour', min(started_at), 'UTC'), session_id
FROM executions WHERE session_id IS NOT NULL GROUP BY tenant_id, session_id;
