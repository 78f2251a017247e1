-- The directory: who created an agent, and users with their email. An earlier release knows the id and name of users only,
-- and registers none.
ALTER TABLE agents ADD COLUMN created_by text COLLATE "C";
ALTER TABLE users
  ADD COLUMN email text,
  ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN last_seen_at timestamptz;

-- The users of what has run so far. Those of events are registered with their next event.
INSERT INTO users AS u (tenant_id, id, created_at, last_seen_at)
SELECT tenant_id, user_id, min(first_at), max(last_at)
FROM (
  SELECT tenant_id, user_id, min(started_at) AS first_at,
         max(greatest(started_at, CASE WHEN completed_at <= now() THEN completed_at END)) AS last_at
  FROM executions WHERE user_id IS NOT NULL GROUP BY 1, 2
  UNION ALL
  SELECT tenant_id, user_id, min(date)::timestamp AT TIME ZONE 'UTC', max(date)::timestamp AT TIME ZONE 'UTC'
  FROM execution_user_days WHERE user_id IS NOT NULL GROUP BY 1, 2
) AS seen
GROUP BY 1, 2
ON CONFLICT (tenant_id, id) DO UPDATE SET created_at = excluded.created_at, last_seen_at = excluded.last_seen_at;

-- Executions by all of their tags together. tag_set: the tags as a key, which they are too long for themselves.
CREATE TABLE execution_tag_hours (
  tenant_id      text COLLATE "C" NOT NULL,
  bucket         timestamptz NOT NULL,
  agent_id       text COLLATE "C",
  tag_set        uuid NOT NULL,
  tags           text[] NOT NULL,
  level          text COLLATE "C",
  status         text COLLATE "C" NOT NULL,
  executions     bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  steps          bigint NOT NULL,
  input_tokens   bigint NOT NULL,
  output_tokens  bigint NOT NULL,
  priced_tokens  bigint NOT NULL,
  cost_usd       numeric NOT NULL,
  spend_usd      numeric NOT NULL,
  unpriced       bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, bucket, agent_id, tag_set, level, status)
);

CREATE TABLE execution_tag_days (
  tenant_id      text COLLATE "C" NOT NULL,
  date           date NOT NULL,
  agent_id       text COLLATE "C",
  tag_set        uuid NOT NULL,
  tags           text[] NOT NULL,
  level          text COLLATE "C",
  status         text COLLATE "C" NOT NULL,
  executions     bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_sum   double precision NOT NULL,
  hist_buckets   smallint[] NOT NULL,
  hist_counts    bigint[] NOT NULL,
  steps          bigint NOT NULL,
  input_tokens   bigint NOT NULL,
  output_tokens  bigint NOT NULL,
  priced_tokens  bigint NOT NULL,
  cost_usd       numeric NOT NULL,
  spend_usd      numeric NOT NULL,
  unpriced       bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, date, agent_id, tag_set, level, status)
);

-- What is there now counts as without tags; the first rollup that knows of tags counts again the hours in which an execution
-- has some. A replica of an earlier release does not keep these tables: an hour that it has computed is right again after the
-- next rollup of that hour, or after the next night.
INSERT INTO execution_tag_hours
  (tenant_id, bucket, agent_id, level, status, tag_set, tags, executions, duration_count, duration_sum, steps, input_tokens, output_tokens, priced_tokens, cost_usd, spend_usd, unpriced,
   hist_buckets, hist_counts)
SELECT tenant_id, bucket, agent_id, level, status, md5('{}')::uuid, '{}', sum(executions), sum(duration_count), sum(duration_sum), sum(steps), sum(input_tokens), sum(output_tokens), sum(priced_tokens), sum(cost_usd), sum(spend_usd), sum(unpriced),
  coalesce(array_agg(b ORDER BY b) FILTER (WHERE b IS NOT NULL), '{}'),
  coalesce(array_agg(n ORDER BY b) FILTER (WHERE b IS NOT NULL), '{}')
FROM (
  SELECT tenant_id, bucket, agent_id, level, status, executions, duration_count, duration_sum, steps, input_tokens, output_tokens, priced_tokens, cost_usd, spend_usd, unpriced,
    NULL::smallint AS b, NULL::bigint AS n
  FROM execution_hours
  UNION ALL
  SELECT tenant_id, bucket, agent_id, level, status, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b, sum(n)::bigint
  FROM (
    SELECT tenant_id, bucket, agent_id, level, status, unnest(hist_buckets) AS b, unnest(hist_counts) AS n FROM execution_hours
  ) AS durations GROUP BY tenant_id, bucket, agent_id, level, status, b
) AS parts GROUP BY tenant_id, bucket, agent_id, level, status;

INSERT INTO execution_tag_days
  (tenant_id, date, agent_id, level, status, tag_set, tags, executions, duration_count, duration_sum, steps, input_tokens, output_tokens, priced_tokens, cost_usd, spend_usd, unpriced,
   hist_buckets, hist_counts)
SELECT tenant_id, date, agent_id, level, status, md5('{}')::uuid, '{}', sum(executions), sum(duration_count), sum(duration_sum), sum(steps), sum(input_tokens), sum(output_tokens), sum(priced_tokens), sum(cost_usd), sum(spend_usd), sum(unpriced),
  coalesce(array_agg(b ORDER BY b) FILTER (WHERE b IS NOT NULL), '{}'),
  coalesce(array_agg(n ORDER BY b) FILTER (WHERE b IS NOT NULL), '{}')
FROM (
  SELECT tenant_id, date, agent_id, level, status, executions, duration_count, duration_sum, steps, input_tokens, output_tokens, priced_tokens, cost_usd, spend_usd, unpriced,
    NULL::smallint AS b, NULL::bigint AS n
  FROM execution_days
  UNION ALL
  SELECT tenant_id, date, agent_id, level, status, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b, sum(n)::bigint
  FROM (
    SELECT tenant_id, date, agent_id, level, status, unnest(hist_buckets) AS b, unnest(hist_counts) AS n FROM execution_days
  ) AS durations GROUP BY tenant_id, date, agent_id, level, status, b
) AS parts GROUP BY tenant_id, date, agent_id, level, status;

INSERT INTO dirty_marks (tenant_id, kind, bucket)
SELECT DISTINCT tenant_id, 'execution', date_trunc('hour', started_at, 'UTC') FROM executions WHERE tags <> '{}';
