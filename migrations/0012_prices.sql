-- What the price of a call depends on besides its model: the service tier, cache writes that live for an hour, audio.
-- own_service_tier: the tier as sent; null for a usage that is of the tier of its execution.
-- has_tokens: whether token counts were sent with a usage. A call without them is not one that used none.
-- own_cost_source: the source of the cost as sent, where an exported execution is imported again.
-- cost_note: what has to be known about the cost, such as why there is none.
ALTER TABLE executions
  ADD COLUMN own_service_tier text COLLATE "C" NOT NULL DEFAULT 'standard',
  ADD COLUMN service_tier text COLLATE "C" NOT NULL DEFAULT 'standard',
  ADD COLUMN cache_write_1h_tokens bigint NOT NULL DEFAULT 0,
  ADD COLUMN input_audio_tokens bigint NOT NULL DEFAULT 0,
  ADD COLUMN output_audio_tokens bigint NOT NULL DEFAULT 0,
  ADD COLUMN own_cost_source text COLLATE "C",
  ADD COLUMN cost_note text;
ALTER TABLE token_usages
  ADD COLUMN has_tokens boolean NOT NULL DEFAULT true,
  ADD COLUMN own_service_tier text COLLATE "C",
  ADD COLUMN service_tier text COLLATE "C" NOT NULL DEFAULT 'standard',
  ADD COLUMN cache_write_1h_tokens bigint NOT NULL DEFAULT 0,
  ADD COLUMN input_audio_tokens bigint NOT NULL DEFAULT 0,
  ADD COLUMN output_audio_tokens bigint NOT NULL DEFAULT 0,
  ADD COLUMN own_cost_source text COLLATE "C";

ALTER TABLE model_prices
  ADD COLUMN cache_write_1h_usd_per_mtok numeric CHECK (cache_write_1h_usd_per_mtok >= 0),
  ADD COLUMN input_audio_usd_per_mtok numeric CHECK (input_audio_usd_per_mtok >= 0),
  ADD COLUMN output_audio_usd_per_mtok numeric CHECK (output_audio_usd_per_mtok >= 0);

-- A tenant's own prices of other service tiers than the standard one. They are apart from model_prices, whose key a
-- replica of an earlier release writes by.
CREATE TABLE model_tier_prices (
  tenant_id                   text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id                          uuid NOT NULL,
  provider                    text COLLATE "C" NOT NULL,
  model_name                  text COLLATE "C" NOT NULL,
  service_tier                text COLLATE "C" NOT NULL,
  effective_from              timestamptz NOT NULL,
  input_usd_per_mtok          numeric NOT NULL CHECK (input_usd_per_mtok >= 0),
  output_usd_per_mtok         numeric NOT NULL CHECK (output_usd_per_mtok >= 0),
  cached_input_usd_per_mtok   numeric CHECK (cached_input_usd_per_mtok >= 0),
  cache_write_usd_per_mtok    numeric CHECK (cache_write_usd_per_mtok >= 0),
  cache_write_1h_usd_per_mtok numeric CHECK (cache_write_1h_usd_per_mtok >= 0),
  input_audio_usd_per_mtok    numeric CHECK (input_audio_usd_per_mtok >= 0),
  output_audio_usd_per_mtok   numeric CHECK (output_audio_usd_per_mtok >= 0),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, provider, model_name, service_tier, effective_from)
);

-- What a call of a tool costs.
CREATE TABLE tool_prices (
  tenant_id      text COLLATE "C" NOT NULL REFERENCES tenants (id),
  id             uuid NOT NULL,
  tool_name      text COLLATE "C" NOT NULL,
  effective_from timestamptz NOT NULL,
  usd_per_call   numeric NOT NULL CHECK (usd_per_call >= 0),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, tool_name, effective_from)
);

-- How far a tenant's executions have been priced anew under a version of the rules by which names of models are read;
-- is_done: all of them.
CREATE TABLE pricing_versions (
  tenant_id  text COLLATE "C" NOT NULL PRIMARY KEY,
  version    integer NOT NULL,
  reached_at timestamptz NOT NULL,
  reached_id uuid NOT NULL,
  is_done    boolean NOT NULL DEFAULT false
);
