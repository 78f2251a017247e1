import { pino } from 'pino';
import { warnOfUnknownSettings } from '../../src/cli/environment.js';
import { SETTINGS, unknownSettingsIn } from '../../src/config.js';

describe('A variable that looks like a setting', () => {
  it.each([
    ['RETENTION_DAY', 'RETENTION_DAYS'],
    ['RETENTION_DAYSS', 'RETENTION_DAYS'],
    ['MAILFROM', 'MAIL_FROM'],
    ['REDIS_URI', 'REDIS_URL'],
    ['AUTH_JWKS_URI', 'AUTH_JWKS_URL'],
    ['JWT_SECRET', 'AUTH_JWT_SECRET'],
    ['AUTH_SECRET', 'AUTH_JWT_SECRET'],
    ['ROLLUP_INTERVAL', 'ROLLUP_INTERVAL_SECONDS'],
    ['auth_issuer', 'AUTH_ISSUER'],
    ['AUTH_ISSUER_FILE', 'AUTH_ISSUER'],
    ['DATABASE_URL_FILES', 'DATABASE_URL_FILE'],
  ])('%s is told from %s', (name, like) => {
    expect(unknownSettingsIn({ [name]: 'x' })).toEqual([{ name, like }]);
  });

  it('is logged', () => {
    const lines: string[] = [];
    const log = pino(
      { base: undefined, timestamp: false },
      { write: (line: string) => void lines.push(line) },
    );
    warnOfUnknownSettings(log, { RETENTION_DAY: '7', RETENTION_DAYS: '8' });
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      {
        level: 40,
        setting: 'RETENTION_DAY',
        like: 'RETENTION_DAYS',
        msg: 'RETENTION_DAY is not a setting; RETENTION_DAYS is',
      },
    ]);
  });

  it('is not reported if it is empty', () => {
    expect(unknownSettingsIn({ RETENTION_DAY: '' })).toEqual([]);
  });
});

it('Settings and common variables of other programs are not reported', () => {
  const names = [
    ...Object.values(SETTINGS).map(({ name }) => name),
    ...[
      'DATABASE_URL_FILE',
      'SMTP_URL_FILE',
      'PATH',
      'HOME',
      'HOSTNAME',
      'USER',
      'PWD',
      'SHELL',
      'LANG',
      'TERM',
    ],
    ...['NODE_ENV', 'NODE_OPTIONS', 'NODE_VERSION', 'TZ', 'PGHOST', 'PGDATABASE', 'REDIS_PORT', 'REDIS_HOST'],
    ...[
      'POSTGRES_PASSWORD',
      'POSTGRES_PORT_5432_TCP_ADDR',
      'KUBERNETES_SERVICE_PORT',
      'HTTP_PROXY',
      'NO_PROXY',
    ],
    ...['GRAFANA_PORT', 'GRAFANA_TENANT', 'PROMETHEUS_PORT', 'SSL_CERT_FILE', 'LOGNAME', 'TEST_DATABASE_URL'],
  ];
  expect(unknownSettingsIn(Object.fromEntries(names.map((name) => [name, '1'])))).toEqual([]);
});
