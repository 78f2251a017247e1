/** Channels: where a tenant's messages go, under a name. */
import type { Pool } from 'pg';
import { lockKey, transactionLock } from '../../db/locks.js';
import type { ReadPool } from '../../db/read-shares.js';
import { AppError } from '../../errors.js';
import { type Author, auditedTransaction } from '../../tenants/audit.js';
import { formatTime } from '../../time.js';
import type { Secrets } from '../secrets.js';
import { builtInChannels, type BuiltInSettings } from './built-in.js';
import { checkConfig, type ConfigRules, opened, sealed, shown, type StoredConfig } from './config.js';
import { type ChannelConfig, type ChannelType, FIELDS } from './types.js';

/** Per tenant. */
export const MAX_CHANNELS = 100;

/** A channel on the wire. */
export interface ChannelView {
  name: string;
  type: ChannelType;
  /** Secrets are `true`. */
  config: ChannelConfig;
  /** Null for a channel of the environment. */
  created_at: string | null;
}

/** A channel with its secrets. */
export interface Channel {
  name: string;
  type: ChannelType;
  config: ChannelConfig;
}

interface Row extends StoredConfig {
  name: string;
  type: ChannelType;
  createdAt: Date;
}

const COLUMNS = 'name, type, config, secrets, created_at AS "createdAt"';

export interface ChannelsDeps extends ConfigRules {
  pool: Pool;
  /** Registers the tenant if it is new. */
  register: (tenantId: string) => Promise<void>;
  secrets: Secrets;
  builtIn: BuiltInSettings;
}

const missing = (name: string): AppError => new AppError('NOT_FOUND', `there is no channel "${name}"`);

const viewOf = (row: Row): ChannelView => ({
  name: row.name,
  type: row.type,
  config: shown(row),
  created_at: formatTime(row.createdAt.getTime()),
});

/** What the audit log keeps. */
const settingsOf = (row: Omit<Row, 'createdAt'>): object => ({ type: row.type, config: shown(row) });

export class Channels {
  /** By name. A tenant's own channel takes the place of one of the environment. */
  private readonly builtIn: ReadonlyMap<string, Channel>;

  constructor(private readonly deps: ChannelsDeps) {
    this.builtIn = builtInChannels(deps.builtIn);
  }

  /** By name; one more than `limit` if there are more. */
  async list(pool: ReadPool, tenantId: string, limit: number, after = ''): Promise<ChannelView[]> {
    const { rows } = await pool.query<Row>(
      `SELECT ${COLUMNS} FROM channels WHERE tenant_id = $1 AND name > $2 ORDER BY name LIMIT $3`,
      [tenantId, after, limit + 1],
    );
    const views = [...rows.map(viewOf), ...(await this.builtInViews(pool, tenantId, after))];
    return views.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))).slice(0, limit + 1);
  }

  private async builtInViews(pool: ReadPool, tenantId: string, after: string): Promise<ChannelView[]> {
    const names = [...this.builtIn.keys()].filter((name) => name > after);
    if (names.length === 0) return [];
    const { rows } = await pool.query<{ name: string }>(
      'SELECT name FROM channels WHERE tenant_id = $1 AND name = ANY ($2::text[])',
      [tenantId, names],
    );
    const own = new Set(rows.map(({ name }) => name));
    return names.filter((name) => !own.has(name)).map((name) => builtInView(this.builtIn.get(name)!));
  }

  /** @throws AppError NOT_FOUND */
  async get(pool: ReadPool, tenantId: string, name: string): Promise<ChannelView> {
    const row = await readRow(pool, tenantId, name);
    if (row !== undefined) return viewOf(row);
    const builtIn = this.builtIn.get(name);
    if (builtIn === undefined) throw missing(name);
    return builtInView(builtIn);
  }

  /**
   * With its secrets, to send to it.
   * @throws SecretUnavailable
   */
  async open(tenantId: string, name: string): Promise<Channel | undefined> {
    const row = await readRow(this.deps.pool, tenantId, name);
    if (row === undefined) return this.builtIn.get(name);
    return { name, type: row.type, config: opened({ tenantId, name }, row, this.deps.secrets) };
  }

  /** Those of the names that are no channel of the tenant. */
  async unknown(client: ReadPool, tenantId: string, names: readonly string[]): Promise<string[]> {
    if (names.length === 0) return [];
    const { rows } = await client.query<{ name: string }>(
      'SELECT name FROM channels WHERE tenant_id = $1 AND name = ANY ($2::text[])',
      [tenantId, names],
    );
    const known = new Set([...this.builtIn.keys(), ...rows.map(({ name }) => name)]);
    return names.filter((name) => !known.has(name));
  }

  /** @throws AppError VALIDATION_ERROR if the tenant does not have all of these channels */
  async checkNames(tenantId: string, names: readonly string[]): Promise<void> {
    const [unknown] = await this.unknown(this.deps.pool, tenantId, names);
    if (unknown !== undefined)
      throw new AppError('VALIDATION_ERROR', `field channels: there is no channel "${unknown}"`);
  }

  /** @throws AppError VALIDATION_ERROR, or CONFLICT if the name is taken or there are MAX_CHANNELS */
  async create(tenantId: string, channel: Channel, author: Author): Promise<ChannelView> {
    const { pool, register, secrets } = this.deps;
    const { name, type, config } = channel;
    await checkConfig(type, config, this.deps);
    const stored = sealed({ tenantId, name, type }, config, secrets);
    await register(tenantId);
    return auditedTransaction(pool, tenantId, author, async (client, record) => {
      await transactionLock(client, lockKey('channels', tenantId));
      const { rows } = await client.query<{ count: number; taken: boolean }>(
        'SELECT count(*) AS count, coalesce(bool_or(name = $2), false) AS taken FROM channels WHERE tenant_id = $1',
        [tenantId, name],
      );
      const { count, taken } = rows[0]!;
      if (taken) throw new AppError('CONFLICT', `there is a channel "${name}" already`);
      if (count >= MAX_CHANNELS) throw new AppError('CONFLICT', `at most ${MAX_CHANNELS} channels a tenant`);
      const made = await client.query<Row>(
        `INSERT INTO channels (tenant_id, name, type, config, secrets) VALUES ($1, $2, $3, $4, $5) RETURNING ${COLUMNS}`,
        [tenantId, name, type, stored.config, stored.secrets],
      );
      const row = made.rows[0]!;
      await record({ resource: 'channel', id: name, before: null, after: settingsOf(row) });
      return viewOf(row);
    });
  }

  /**
   * Fields that are left out keep their values; with null, an optional one is removed. `true` keeps a secret.
   * @throws AppError NOT_FOUND, VALIDATION_ERROR, or CONFLICT for a channel of the environment
   */
  async change(tenantId: string, name: string, changes: ChannelConfig, author: Author): Promise<ChannelView> {
    const { pool, secrets } = this.deps;
    const current = await readRow(pool, tenantId, name);
    if (current === undefined) throw this.notOwn(name);
    const { type } = current;
    const isKept = (field: string): boolean =>
      changes[field] === undefined || (changes[field] === true && FIELDS[type][field]?.secret === true);
    const given = Object.fromEntries(Object.entries(changes).filter(([field]) => !isKept(field)));
    const before = opened({ tenantId, name }, current, secrets);
    const after = Object.fromEntries(
      Object.entries({ ...before, ...given }).filter(([, value]) => value !== null),
    );
    await checkConfig(type, after, this.deps);
    const stored = sealed({ tenantId, name, type }, after, secrets);
    return auditedTransaction(pool, tenantId, author, async (client, record) => {
      const { rows } = await client.query<Row>(
        `UPDATE channels SET config = $3, secrets = $4 WHERE tenant_id = $1 AND name = $2 RETURNING ${COLUMNS}`,
        [tenantId, name, stored.config, stored.secrets],
      );
      if (rows[0] === undefined) throw missing(name);
      await record({
        ...{ resource: 'channel', id: name },
        before: settingsOf(current),
        after: { ...settingsOf(rows[0]), changed: Object.keys(given).sort() },
      });
      return viewOf(rows[0]);
    });
  }

  /** Its messages that wait are given up. @throws AppError NOT_FOUND, or CONFLICT for a channel of the environment */
  async delete(tenantId: string, name: string, author: Author): Promise<void> {
    await auditedTransaction(this.deps.pool, tenantId, author, async (client, record) => {
      const { rows } = await client.query<Row>(
        `DELETE FROM channels WHERE tenant_id = $1 AND name = $2 RETURNING ${COLUMNS}`,
        [tenantId, name],
      );
      if (rows[0] === undefined) throw this.notOwn(name);
      await client.query(
        `UPDATE outbox_deliveries SET next_attempt_at = NULL, last_error = 'the channel was deleted'
         WHERE tenant_id = $1 AND channel = $2 AND next_attempt_at IS NOT NULL`,
        [tenantId, name],
      );
      await record({ resource: 'channel', id: name, before: settingsOf(rows[0]), after: null });
    });
  }

  private notOwn(name: string): AppError {
    if (!this.builtIn.has(name)) return missing(name);
    return new AppError('CONFLICT', `the channel "${name}" is set by the operator of this service`);
  }
}

async function readRow(pool: ReadPool, tenantId: string, name: string): Promise<Row | undefined> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM channels WHERE tenant_id = $1 AND name = $2`,
    [tenantId, name],
  );
  return rows[0];
}

const builtInView = ({ name, type, config }: Channel): ChannelView => ({
  name,
  type,
  config: Object.fromEntries(
    Object.entries(config).map(([field, value]) => [field, FIELDS[type][field]?.secret ? true : value]),
  ),
  created_at: null,
});
