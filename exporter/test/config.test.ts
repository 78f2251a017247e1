import { type Config, loadConfig, SETTINGS } from '../src/config.js';
import { ConfigError } from '../src/errors.js';

const SECRET = 'a secret of the tests that is long enough';

function refusalOf(env: Record<string, string>): ConfigError {
  try {
    loadConfig({ AUTH_JWT_SECRET: SECRET, ...env });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(env)}`);
}

/** Invalid values by setting. Settings without invalid values accept any text. */
const BAD: Record<string, readonly string[]> = {
  PORT: ['x', '-1', '65536', '80.5', '0x50', '1e3'],
  HOST: ['127.0.0.1:3001', 'http://localhost', 'a host', '[::1]'],
  DATABASE_URL: ['localhost:5432', 'mysql://localhost/db', 'postgres', 'http://localhost'],
  DATABASE_POOL_SIZE: ['0', '3', '201', 'many'],
  DATA_DIR: [],
  REDIS_URL: ['localhost:6379', 'http://localhost:6379', 'redis'],
  AUTH_JWT_SECRET: [
    'short',
    'x'.repeat(31),
    'ä'.repeat(15),
    `${SECRET},`,
    `${SECRET},short`,
    `${SECRET},${SECRET},${SECRET}`,
  ],
  AUTH_JWKS_URL: [
    'keys.json',
    'ftp://localhost/keys',
    '/etc/keys',
    'http://idp.example.org/keys',
    'http://127.0.0.1.example.org/keys',
    'http://10.0.0.1/keys',
  ],
  AUTH_ISSUER: [],
  AUTH_AUDIENCE: [],
  AUTH_ANY_AUDIENCE: ['any', '*'],
  AUTH_TENANT_CLAIM: ['.', 'organization.', 'a..b', 'a claim'],
  AUTH_SCOPE_MAP: ['reports', 'reports=read', '=analytics:read', 'a b=analytics:read', 'a=analytics:read,'],
  CAPTURE_CONTENT: ['some', 'Full', 'true'],
  REDACT: ['sk-(', 'x*', 'a,(?=b)'],
  ANALYTICS_ENABLED: ['maybe', '2', 'tru'],
  ANALYTICS_FREE_TIER: ['maybe', 'null'],
  TENANT_DEFAULT_TIER: ['gold', 'Pro', 'free,pro'],
  AGGREGATION_CRON: [
    'x',
    '* * * *',
    '60 0 * * *',
    '0 5 0 * * *',
    '@daily',
    '5 0 31 2 x',
    'H 0 * * *',
    '5 0 31 4,6 *',
  ],
  ROLLUP_INTERVAL_SECONDS: ['0', '3601', '1.5', '10s'],
  CACHE_ENABLED: ['maybe'],
  RATE_LIMIT_PER_MINUTE: ['-1', 'none', '1.5'],
  INGEST_RATE_LIMIT_PER_MINUTE: ['-1', 'none'],
  RESERVATION_RATE_LIMIT_PER_MINUTE: ['-1', 'none'],
  READ_COST_PER_MINUTE: ['-1', '10M'],
  RETENTION_DAYS: ['0', '36501', '400d'],
  MINUTE_RETENTION_HOURS: ['1', '745', '48h'],
  SESSION_IDLE_MINUTES: ['0', '10081', '30m'],
  ROTATION_MAX_AGE_DAYS: ['0', '3651', '90d'],
  ENDPOINT_PATTERNS: ['things', '/v1/{', '/v1/{}'],
  METRICS_TOKEN: ['ümlaut of sufficient length', 'a token\nof two lines', 'x'.repeat(15)],
  SMTP_URL: ['localhost:25', 'http://localhost'],
  HSTS_MAX_AGE_SECONDS: ['-1', '1y', 'true'],
  MAIL_RECIPIENTS: ['example', 'a b', 'example.org,', '@example.org', 'a@b'],
  GRAFANA_URL: ['grafana.example', 'ftp://grafana.example'],
  GRAFANA_TOKEN: ['short'],
  MAIL_DAILY_LIMIT: ['-1', 'none', '1.5'],
  EXPORT_STORAGE: [
    'bucket',
    's3://',
    's3://B',
    'gs://bucket/prefix',
    's3://bucket/a b',
    'https://s3.example.org/b',
  ],
  EXPORT_LINK_HOURS: ['0', '721', '24h', '1.5'],
  MAIL_FROM: ['budgets', 'Budgets <budgets>', 'a@b c@d'],
  ALERT_EMAIL_TO: ['ops', 'a@b', 'a@example.org,', 'a@example.org;b@example.org'],
  SLACK_WEBHOOK_URL: ['hooks.slack.com/services/x', 'smtp://hooks.slack.com'],
  PAGERDUTY_URL: ['events.pagerduty.com', 'ftp://events.pagerduty.com'],
  OUTBOUND_ALLOW: ['any', 'loopback', '10.0.0.0/33', '10.0.0.0/8,', '10.0.0', 'example.org', '::1/129'],
  SECRETS_KEY: [
    'k1',
    `k1:${'x'.repeat(43)}`.slice(0, 40),
    `k 1:${'A'.repeat(43)}=`,
    `k1:${'A'.repeat(43)}=,k1:${'B'.repeat(43)}=`,
  ],
  TRUST_PROXY: [
    'true',
    '1',
    'proxy.example.org',
    '10.0.0.0/8;10.1.0.0/16',
    '10.0.0.0/33',
    '10.0.0',
    '::1/129',
    '1.2.3.4/',
  ],
  LOG_LEVEL: ['verbose', 'INFO'],
};

describe('loadConfig', () => {
  it('has the documented defaults', () => {
    const wanted: Partial<Config> = {
      port: 3001,
      host: '127.0.0.1',
      databaseUrl: undefined,
      dataDir: '.data',
      redisUrl: undefined,
      jwtSecrets: undefined,
      anyAudience: false,
      tenantClaim: ['organization_id'],
      analyticsEnabled: true,
      analyticsFreeTier: false,
      tenantDefaultTier: 'pro',
      aggregationCron: '5 0 * * *',
      rollupIntervalSeconds: 10,
      cacheEnabled: true,
      rateLimitPerMinute: 600,
      ingestRateLimitPerMinute: 120_000,
      reservationRateLimitPerMinute: 12_000,
      readCostPerMinute: 10_000_000,
      retentionDays: 400,
      minuteRetentionHours: 48,
      metricsToken: undefined,
      logLevel: 'info',
    };
    expect(loadConfig({})).toMatchObject(wanted);
  });

  it('is tested with invalid values of every setting', () => {
    expect(
      Object.values(SETTINGS)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(BAD).sort());
  });

  it.each(Object.entries(BAD).flatMap(([name, values]) => values.map((value) => [name, value] as const)))(
    'refuses %s=%s in one line that names it',
    (name, value) => {
      const { message, setting } = refusalOf({ [name]: value });
      expect(setting).toBe(name);
      expect(message).toMatch(new RegExp(`^${name}: `));
      expect(message).not.toContain('\n');
    },
  );

  it('does not repeat a secret', () => {
    const bad = {
      DATABASE_URL: 'mysql://u:hush@h/d',
      REDIS_URL: 'http://:hush@h',
      SMTP_URL: 'http://u:hush@h',
      SLACK_WEBHOOK_URL: 'hush',
      SECRETS_KEY: 'hush',
      AUTH_JWT_SECRET: 'hush',
    };
    for (const [name, value] of Object.entries(bad))
      expect(refusalOf({ [name]: value }).message).not.toContain('hush');
  });

  it('treats empty values as unset and trims white space', () => {
    expect(loadConfig({ PORT: '', REDIS_URL: '  ', CACHE_ENABLED: '' })).toEqual(loadConfig({}));
    expect(loadConfig({ PORT: ' 8080 ' }).port).toBe(8080);
  });

  it.each([
    ['true', true],
    ['1', true],
    ['YES', true],
    ['on', true],
    ['false', false],
    ['0', false],
    ['No', false],
    ['off', false],
  ])('reads %s as %s', (text, value) => {
    expect(loadConfig({ CACHE_ENABLED: text }).cacheEnabled).toBe(value);
  });

  it('requires an audience with a JWKS, unless any is accepted', () => {
    const jwks = { AUTH_JWKS_URL: 'https://example.org/keys', AUTH_ISSUER: 'https://example.org' };
    expect(refusalOf(jwks).message).toMatch(/^AUTH_AUDIENCE: is required with AUTH_JWKS_URL/);
    expect(refusalOf({ ...jwks, AUTH_ANY_AUDIENCE: 'false' }).setting).toBe('AUTH_AUDIENCE');
    expect(loadConfig({ ...jwks, AUTH_AUDIENCE: 'analytics' }).audience).toBe('analytics');
    expect(loadConfig({ ...jwks, AUTH_ANY_AUDIENCE: 'true' }).audience).toBeUndefined();
  });

  it.each([
    'http://127.0.0.1:8080/keys',
    'http://localhost/keys',
    'http://[::1]/keys',
    'https://idp.example/k',
  ])('accepts the JWKS %s', (url) => {
    expect(loadConfig({ AUTH_JWKS_URL: url, AUTH_AUDIENCE: 'analytics' }).jwksUrl).toBe(url);
  });

  it('reads two secrets, the path of a claim and a map of scopes', () => {
    const next = 'another secret of the tests that is long enough';
    expect(loadConfig({ AUTH_JWT_SECRET: `${next}, ${SECRET}` }).jwtSecrets).toEqual([next, SECRET]);
    expect(loadConfig({ AUTH_TENANT_CLAIM: 'organization.id' }).tenantClaim).toEqual(['organization', 'id']);
    expect(loadConfig({ AUTH_TENANT_CLAIM: 'https://acme.example/org' }).tenantClaim).toEqual([
      'https://acme.example/org',
    ]);
    const map = loadConfig({
      AUTH_SCOPE_MAP: 'api://x/View=analytics:read, ops=analytics:write,ops=analytics:admin',
    }).scopeMap;
    expect(map).toEqual(
      new Map([
        ['api://x/View', new Set(['analytics:read'])],
        ['ops', new Set(['analytics:write', 'analytics:admin'])],
      ]),
    );
  });

  it('requires a key if HOST is not loopback', () => {
    for (const HOST of ['0.0.0.0', '::', '192.168.1.5', 'analytics.example.org']) {
      expect(() => loadConfig({ HOST })).toThrow(
        /^AUTH_JWT_SECRET: set this or AUTH_JWKS_URL if HOST is not a loopback address/,
      );
      expect(loadConfig({ HOST, AUTH_JWT_SECRET: SECRET }).host).toBe(HOST);
    }
    for (const HOST of ['127.0.0.1', 'localhost', '::1', '127.9.9.9'])
      expect(loadConfig({ HOST }).host).toBe(HOST);
  });

  it('does not keep minutes longer than raw events', () => {
    const env = { RETENTION_DAYS: '1', MINUTE_RETENTION_HOURS: '25' };
    expect(refusalOf(env).message).toMatch(/^MINUTE_RETENTION_HOURS: .*RETENTION_DAYS/);
    expect(loadConfig({ ...env, MINUTE_RETENTION_HOURS: '24' }).minuteRetentionHours).toBe(24);
  });

  it('accepts lists of proxies', () => {
    expect(loadConfig({ TRUST_PROXY: '10.0.0.0/8, ::1,loopback' }).trustProxy).toEqual([
      '10.0.0.0/8',
      '::1',
      'loopback',
    ]);
  });
});
