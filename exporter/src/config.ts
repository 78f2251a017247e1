/** Reads the environment once, into one typed object. `SETTINGS` is the only place where settings are named. */
import { isIP } from 'node:net';
import { checkCron } from './cron.js';
import { ConfigError, messageOf } from './errors.js';
import { type EndpointPatterns, endpointPatterns } from './endpoint-pattern.js';
import { compilePattern, patternsIn } from './redaction.js';

export type Tier = 'free' | 'pro' | 'enterprise';
export const TIERS: readonly Tier[] = ['free', 'pro', 'enterprise'];
/** How much content is kept, the least first. */
export const CAPTURES = ['none', 'preview', 'full'] as const;
export type Capture = (typeof CAPTURES)[number];
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

interface Setting<T> {
  name: string;
  /** Shown by `serve --help` and in docs/configuration.md. */
  help: string;
  fallback: T;
  parse: (text: string, name: string) => T;
}

function setting<T>(name: string, fallback: T, parse: Setting<T>['parse'], help: string): Setting<T> {
  return { name, fallback, parse, help };
}

const text = (value: string): string => value;

const host = (value: string, name: string): string => {
  if (isIP(value) !== 0 || /^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(value)) return value;
  throw new ConfigError(name, `must be an address or a host name without a port, not "${value}"`);
};

const bearer = (value: string, name: string): string => {
  if (/^[\x20-\x7e]+$/.test(value)) return value;
  throw new ConfigError(name, 'must be printable ASCII, because it is sent in a header');
};

const mailAddress = (value: string, name: string): string => {
  if (/^([^<>\r\n]*<[^\s@<>]+@[^\s@<>]+>|[^\s@<>]+@[^\s@<>]+)$/.test(value)) return value;
  throw new ConfigError(
    name,
    `must be a mail address such as "Budgets <budgets@example.org>", not "${value}"`,
  );
};

const boolean = (value: string, name: string): boolean => {
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  if (/^(false|0|no|off)$/i.test(value)) return false;
  throw new ConfigError(name, `must be true or false, not "${value}"`);
};

const integer =
  (min: number, max: number) =>
  (value: string, name: string): number => {
    const parsed = /^\d+$/.test(value) ? Number(value) : NaN;
    if (parsed >= min && parsed <= max) return parsed;
    throw new ConfigError(name, `must be a whole number from ${min} to ${max}, not "${value}"`);
  };

const oneOf =
  <T extends string>(values: readonly T[]) =>
  (value: string, name: string): T => {
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw new ConfigError(name, `must be one of ${values.join(', ')}, not "${value}"`);
  };

const url =
  (...protocols: string[]) =>
  (value: string, name: string): string => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    if (parsed !== undefined && protocols.includes(parsed.protocol)) return value;
    // The value may contain a password, so the message does not repeat it.
    throw new ConfigError(
      name,
      `must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    );
  };

const secret = (value: string, name: string): string => {
  const bytes = Buffer.byteLength(value);
  if (bytes >= 32) return value;
  throw new ConfigError(name, `must be at least 32 bytes long, but has ${bytes}`);
};

const patterns = (value: string, name: string): string[] => {
  const list = patternsIn(value);
  for (const pattern of list) {
    try {
      compilePattern(pattern);
    } catch (error) {
      throw new ConfigError(
        name,
        `must be regular expressions of RE2, separated by commas: ${JSON.stringify(pattern)}: ${messageOf(error)}`,
      );
    }
  }
  return list;
};

const cron = (value: string, name: string): string => {
  try {
    checkCron(value);
    return value;
  } catch {
    throw new ConfigError(
      name,
      `must be a cron expression of five fields in UTC such as "5 0 * * *", not "${value}"`,
    );
  }
};

const endpointNames = (value: string, name: string): EndpointPatterns => {
  try {
    return endpointPatterns(value);
  } catch (error) {
    throw new ConfigError(name, messageOf(error));
  }
};

function isAddressRange(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  const inRange =
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
  return version !== 0 && inRange && rest.length === 0;
}

const cidrs = (value: string, name: string): string[] => {
  const list = value.split(',').map((item) => item.trim());
  for (const item of list) {
    if (!isAddressRange(item)) {
      throw new ConfigError(name, `must be addresses or CIDR ranges separated by commas, not "${value}"`);
    }
  }
  return list;
};

export const SETTINGS = {
  port: setting('PORT', 3001, integer(0, 65_535), 'port to listen on; 0 picks a free one'),
  host: setting('HOST', '127.0.0.1', host, 'address to listen on'),
  databaseUrl: setting<string | undefined>(
    'DATABASE_URL',
    undefined,
    url('postgres:', 'postgresql:'),
    'PostgreSQL 15 or later; if unset, an embedded PostgreSQL under DATA_DIR',
  ),
  databasePoolSize: setting(
    'DATABASE_POOL_SIZE',
    10,
    integer(4, 200),
    'size of the connection pool, 4 to 200',
  ),
  dataDir: setting(
    'DATA_DIR',
    '.data',
    text,
    'directory of the embedded PostgreSQL and of the generated secret',
  ),
  redisUrl: setting<string | undefined>(
    'REDIS_URL',
    undefined,
    url('redis:', 'rediss:'),
    'Redis for the cache and rate limits that replicas share; if unset, they are kept in memory',
  ),
  jwtSecret: setting<string | undefined>(
    'AUTH_JWT_SECRET',
    undefined,
    secret,
    'HS256 secret for tokens, at least 32 bytes',
  ),
  jwksUrl: setting<string | undefined>(
    'AUTH_JWKS_URL',
    undefined,
    url('http:', 'https:'),
    'URL of a JWKS with the keys for RS256, ES256 and EdDSA tokens',
  ),
  issuer: setting<string | undefined>('AUTH_ISSUER', undefined, text, 'required issuer (iss) of tokens'),
  audience: setting<string | undefined>(
    'AUTH_AUDIENCE',
    undefined,
    text,
    'required audience (aud) of tokens',
  ),
  analyticsEnabled: setting(
    'ANALYTICS_ENABLED',
    true,
    boolean,
    'if false, analytics routes return 404; ingest is not affected',
  ),
  analyticsFreeTier: setting(
    'ANALYTICS_FREE_TIER',
    false,
    boolean,
    'if true, free-tier tenants can read analytics',
  ),
  tenantDefaultTier: setting<Tier>('TENANT_DEFAULT_TIER', 'pro', oneOf(TIERS), 'tier of new tenants'),
  aggregationCron: setting('AGGREGATION_CRON', '5 0 * * *', cron, 'schedule of the nightly job, in UTC'),
  rollupIntervalSeconds: setting(
    'ROLLUP_INTERVAL_SECONDS',
    10,
    integer(1, 3600),
    'rollup interval in seconds',
  ),
  cacheEnabled: setting('CACHE_ENABLED', true, boolean, 'if false, every read queries the database'),
  rateLimitPerMinute: setting(
    'RATE_LIMIT_PER_MINUTE',
    600,
    integer(0, 1_000_000_000),
    'reads per minute and tenant; 0 is unlimited',
  ),
  readCostPerMinute: setting(
    'READ_COST_PER_MINUTE',
    10_000_000,
    integer(0, 1_000_000_000),
    'rows read and cells answered per minute and tenant, in each replica; 0 is unlimited',
  ),
  ingestRateLimitPerMinute: setting(
    'INGEST_RATE_LIMIT_PER_MINUTE',
    120_000,
    integer(0, 1_000_000_000),
    'write requests per minute and tenant, reservations not included; 0 is unlimited',
  ),
  reservationRateLimitPerMinute: setting(
    'RESERVATION_RATE_LIMIT_PER_MINUTE',
    12_000,
    integer(0, 1_000_000_000),
    'reservations of budget per minute and tenant; 0 is unlimited',
  ),
  retentionDays: setting(
    'RETENTION_DAYS',
    400,
    integer(1, 36_500),
    'retention of raw events in days; hour and day aggregates are kept forever',
  ),
  minuteRetentionHours: setting(
    'MINUTE_RETENTION_HOURS',
    48,
    integer(2, 744),
    'retention of minute aggregates in hours',
  ),
  endpointPatterns: setting<EndpointPatterns | undefined>(
    'ENDPOINT_PATTERNS',
    undefined,
    endpointNames,
    'own names of endpoints, separated by commas: paths such as /v1/things/{id} and segments such as inv-*',
  ),
  captureContent: setting<Capture>(
    'CAPTURE_CONTENT',
    'full',
    oneOf(CAPTURES),
    'content that is kept: full; preview (queries and error messages, no contents of steps); none',
  ),
  redact: setting<string[] | undefined>(
    'REDACT',
    undefined,
    patterns,
    'regular expressions (RE2), separated by commas; what they match in content is stored as [redacted]',
  ),
  metricsToken: setting<string | undefined>(
    'METRICS_TOKEN',
    undefined,
    bearer,
    'bearer token for /metrics/tenants; if unset, the route returns 404',
  ),
  smtpUrl: setting<string | undefined>(
    'SMTP_URL',
    undefined,
    url('smtp:', 'smtps:'),
    'mail server for budget notifications',
  ),
  mailFrom: setting<string | undefined>('MAIL_FROM', undefined, mailAddress, 'sender of the mails'),
  trustProxy: setting<string[] | undefined>(
    'TRUST_PROXY',
    undefined,
    cidrs,
    'addresses or CIDR ranges of trusted proxies, for client addresses in logs',
  ),
  logLevel: setting<(typeof LOG_LEVELS)[number]>(
    'LOG_LEVEL',
    'info',
    oneOf(LOG_LEVELS),
    LOG_LEVELS.join(', '),
  ),
} as const satisfies Record<string, Setting<never> | object>;

type Settings = typeof SETTINGS;
export type Config = { readonly [K in keyof Settings]: Settings[K] extends Setting<infer T> ? T : never };

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/**
 * Reads the environment. An empty value counts as unset, because Docker Compose passes unset variables as empty ones.
 * @throws ConfigError that names the setting
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const entries = Object.entries(SETTINGS).map(([key, { name, fallback, parse }]) => {
    const value = env[name]?.trim();
    return [key, value === undefined || value === '' ? fallback : parse(value, name)];
  });
  const config = Object.fromEntries(entries) as Config;
  checkCombinations(config);
  return config;
}

function checkCombinations(config: Config): void {
  if (config.jwksUrl !== undefined && config.issuer === undefined && config.audience === undefined) {
    throw new ConfigError(
      'AUTH_JWKS_URL',
      'requires AUTH_ISSUER or AUTH_AUDIENCE, because its keys also sign tokens for other services',
    );
  }
  if (config.jwtSecret === undefined && config.jwksUrl === undefined && !LOOPBACK.test(config.host)) {
    throw new ConfigError(
      'AUTH_JWT_SECRET',
      `set this or AUTH_JWKS_URL if HOST is not a loopback address (${config.host})`,
    );
  }
  if (config.minuteRetentionHours > config.retentionDays * 24) {
    throw new ConfigError(
      'MINUTE_RETENTION_HOURS',
      'must not exceed RETENTION_DAYS, because minutes are computed from raw events',
    );
  }
}
