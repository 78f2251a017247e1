/** Reads the environment once, into one typed object. `SETTINGS` is the only place where settings are named. */
import { type ClaimPath, type ScopeMap, jwksUrl, scopeMap, secrets, tenantClaim } from './config/auth.js';
import { type Environment, fileVariable, readSetting } from './config/secret-files.js';
import { type SecretKey, secretKeys } from './config/secret-keys.js';
import { type UnknownSetting, unknownSettings } from './config/unknown.js';
import {
  bearer,
  boolean,
  cidrs,
  cron,
  endpointNames,
  exportBucket,
  type ExportBucket,
  host,
  integer,
  LOOPBACK,
  mailAddress,
  mailAddresses,
  networks,
  oneOf,
  patterns,
  recipients,
  text,
  url,
} from './config/values.js';
import type { EndpointPatterns } from './endpoint-pattern.js';
import { ConfigError } from './errors.js';

export type Tier = 'free' | 'pro' | 'enterprise';
export const TIERS: readonly Tier[] = ['free', 'pro', 'enterprise'];
/** How much content is kept, the least first. */
export const CAPTURES = ['none', 'preview', 'full'] as const;
export type Capture = (typeof CAPTURES)[number];
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

interface Setting<T> {
  name: string;
  /** If true, `<NAME>_FILE` can name a file with the value instead. */
  secret: boolean;
  /** Shown by `serve --help` and in docs/configuration.md. */
  help: string;
  fallback: T;
  parse: (text: string, name: string) => T;
}

function setting<T>(name: string, fallback: T, parse: Setting<T>['parse'], help: string): Setting<T> {
  return { name, secret: false, fallback, parse, help };
}

/** A setting that must not be seen by others: it can also be given as a file. */
function secretSetting<T>(name: string, parse: Setting<T>['parse'], help: string): Setting<T | undefined> {
  return { name, secret: true, fallback: undefined, parse, help };
}

export const SETTINGS = {
  port: setting('PORT', 3001, integer(0, 65_535), 'port to listen on; 0 picks a free one'),
  host: setting('HOST', '127.0.0.1', host, 'address to listen on'),
  databaseUrl: secretSetting<string>(
    'DATABASE_URL',
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
    'directory of the embedded PostgreSQL, of the generated secret, and of the files of exports',
  ),
  redisUrl: secretSetting<string>(
    'REDIS_URL',
    url('redis:', 'rediss:'),
    'Redis for the cache and rate limits that replicas share; if unset, they are kept in memory',
  ),
  jwtSecrets: secretSetting<readonly string[]>(
    'AUTH_JWT_SECRET',
    secrets,
    'HS256 secret for tokens, at least 32 bytes; two, separated by a comma, to rotate it: the first one signs',
  ),
  jwksUrl: setting<string | undefined>(
    'AUTH_JWKS_URL',
    undefined,
    jwksUrl,
    'URL of a JWKS with the keys for RS256, ES256 and EdDSA tokens; https, or http on loopback',
  ),
  issuer: setting<string | undefined>('AUTH_ISSUER', undefined, text, 'required issuer (iss) of tokens'),
  audience: setting<string | undefined>(
    'AUTH_AUDIENCE',
    undefined,
    text,
    'required audience (aud) of tokens; must be set with AUTH_JWKS_URL, unless AUTH_ANY_AUDIENCE=true',
  ),
  anyAudience: setting(
    'AUTH_ANY_AUDIENCE',
    false,
    boolean,
    'if true, AUTH_JWKS_URL may be used without AUTH_AUDIENCE: tokens for other services are then accepted too',
  ),
  tenantClaim: setting<ClaimPath>(
    'AUTH_TENANT_CLAIM',
    ['organization_id'],
    tenantClaim,
    'claim with the tenant: a name, a path such as organization.id, or the whole name of a claim that is a URL',
  ),
  scopeMap: setting<ScopeMap | undefined>(
    'AUTH_SCOPE_MAP',
    undefined,
    scopeMap,
    'scopes of the identity provider that stand for own ones: reports:view=analytics:read,…',
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
  rotationMaxAgeDays: setting(
    'ROTATION_MAX_AGE_DAYS',
    90,
    integer(1, 3_650),
    'age in days from which a credential counts as overdue for rotation',
  ),
  sessionIdleMinutes: setting(
    'SESSION_IDLE_MINUTES',
    30,
    integer(1, 10_080),
    'a session has ended if none of its executions runs and the last one ended so many minutes ago',
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
  metricsToken: secretSetting<string>(
    'METRICS_TOKEN',
    bearer,
    'bearer token for /metrics/tenants, at least 16 characters; if unset, the route returns 404',
  ),
  smtpUrl: secretSetting<string>(
    'SMTP_URL',
    url('smtp:', 'smtps:'),
    'mail server for channels and budget notifications',
  ),
  mailFrom: setting<string | undefined>('MAIL_FROM', undefined, mailAddress, 'sender of the mails'),
  mailRecipients: setting<string[] | undefined>(
    'MAIL_RECIPIENTS',
    undefined,
    recipients,
    'addresses and domains that mails may be sent to, separated by commas, or any; if unset, any',
  ),
  mailDailyLimit: setting(
    'MAIL_DAILY_LIMIT',
    200,
    integer(0, 1_000_000),
    'mails per tenant within 24 hours; further ones wait; 0 is unlimited',
  ),
  alertEmailTo: setting<string[] | undefined>(
    'ALERT_EMAIL_TO',
    undefined,
    mailAddresses,
    'addresses, separated by commas, of the channel email that every tenant then has',
  ),
  slackWebhookUrl: secretSetting<string>(
    'SLACK_WEBHOOK_URL',
    url('https:', 'http:'),
    'incoming webhook of the channel slack that every tenant then has',
  ),
  pagerdutyUrl: setting(
    'PAGERDUTY_URL',
    'https://events.pagerduty.com',
    url('https:', 'http:'),
    'where channels of PagerDuty send events; https://events.eu.pagerduty.com in its EU region',
  ),
  outboundAllow: setting<string[] | undefined>(
    'OUTBOUND_ALLOW',
    undefined,
    networks,
    'CIDR ranges, separated by commas, that channels may reach although they are loopback, link-local or private',
  ),
  secretsKeys: secretSetting<SecretKey[]>(
    'SECRETS_KEY',
    secretKeys,
    'keys that encrypt the secrets of channels, as name:32 bytes in base64, separated by commas: the first one encrypts',
  ),
  exportLinkHours: setting(
    'EXPORT_LINK_HOURS',
    24,
    integer(1, 720),
    'hours for which the link of an export works; its file is then removed',
  ),
  exportStorage: setting<ExportBucket | undefined>(
    'EXPORT_STORAGE',
    undefined,
    exportBucket,
    'bucket for the files of exports, such as s3://bucket/prefix; if unset, DATA_DIR/exports',
  ),
  grafanaUrl: setting<string | undefined>(
    'GRAFANA_URL',
    undefined,
    url('http:', 'https:'),
    'address of Grafana, for links in reports and alerts, and published dashboards; if unset, there are none',
  ),
  grafanaToken: secretSetting<string>(
    'GRAFANA_TOKEN',
    bearer,
    'token of a service account of Grafana with the role Editor, to publish dashboards',
  ),
  trustProxy: setting<string[] | undefined>(
    'TRUST_PROXY',
    undefined,
    cidrs,
    'addresses or CIDR ranges of trusted proxies, for client addresses in logs',
  ),
  hstsMaxAgeSeconds: setting(
    'HSTS_MAX_AGE_SECONDS',
    0,
    integer(0, 63_072_000),
    'max-age of Strict-Transport-Security, without subdomains; 0 sends no such header',
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

/**
 * Reads the environment and the files that it names.
 * @throws ConfigError that names the setting
 */
export function loadConfig(env: Environment): Config {
  const entries = Object.entries(SETTINGS).map(([key, setting]) => {
    const given = readSetting(setting, env);
    return [key, given === undefined ? setting.fallback : setting.parse(given.text, given.from)];
  });
  const config = Object.fromEntries(entries) as Config;
  checkCombinations(config);
  return config;
}

/** Variables that look like one of the settings but are not read. */
export function unknownSettingsIn(env: Environment): UnknownSetting[] {
  const names = Object.values(SETTINGS).flatMap(({ name, secret }) =>
    secret ? [name, fileVariable(name)] : [name],
  );
  return unknownSettings(env, new Set(names));
}

function checkCombinations(config: Config): void {
  if (config.jwksUrl !== undefined && config.audience === undefined && !config.anyAudience) {
    throw new ConfigError(
      'AUTH_AUDIENCE',
      'is required with AUTH_JWKS_URL, because its keys also sign tokens for other services; set AUTH_ANY_AUDIENCE=true to accept those',
    );
  }
  if (config.jwtSecrets === undefined && config.jwksUrl === undefined && !LOOPBACK.test(config.host)) {
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
