-- Where messages go. config: what everybody may see; secrets: the other fields, encrypted with a key of SECRETS_KEY.
CREATE TABLE channels (
  tenant_id  text COLLATE "C" NOT NULL REFERENCES tenants (id),
  name       text COLLATE "C" NOT NULL,
  type       text COLLATE "C" NOT NULL,
  config     jsonb NOT NULL,
  secrets    jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, name)
);

-- What is sent. Its deliveries say to whom.
CREATE TABLE outbox_messages (
  tenant_id  text COLLATE "C" NOT NULL,
  id         uuid NOT NULL,
  kind       text COLLATE "C" NOT NULL,
  content    jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);

-- One row a channel, and one without a channel for the recipients that a message names itself.
-- type: of the channel when the message was stored. next_attempt_at: null once the delivery is finished.
-- recipients: who has not received it yet; empty until a channel is looked up. dedup_key: of what the message is about: a
-- channel gets the messages with the same one in their order.
CREATE TABLE outbox_deliveries (
  tenant_id       text COLLATE "C" NOT NULL,
  id              uuid NOT NULL,
  message_id      uuid NOT NULL,
  channel         text COLLATE "C",
  type            text COLLATE "C" NOT NULL,
  dedup_key       text COLLATE "C",
  recipients      text[] NOT NULL,
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  sent_at         timestamptz,
  last_error      text,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX outbox_deliveries_message ON outbox_deliveries (tenant_id, message_id, channel) NULLS NOT DISTINCT;
CREATE INDEX outbox_deliveries_channel ON outbox_deliveries (tenant_id, channel, id);
CREATE INDEX outbox_deliveries_due ON outbox_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX outbox_deliveries_pending ON outbox_deliveries (tenant_id, channel, dedup_key, id) WHERE next_attempt_at IS NOT NULL;

-- Null in a budget that a replica of an earlier release has made.
ALTER TABLE budgets ADD COLUMN channels text[];
