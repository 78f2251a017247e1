import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, SETTINGS } from '../../src/config.js';

const SECRET = 'a secret of the tests that is long enough';
/** A valid value of every secret. */
const VALUES: Record<string, string> = {
  DATABASE_URL: 'postgres://u:p@localhost/d',
  REDIS_URL: 'redis://:p@localhost',
  AUTH_JWT_SECRET: SECRET,
  METRICS_TOKEN: 'the token of Prometheus',
  GRAFANA_TOKEN: 'a token of Grafana, long enough',
  SMTP_URL: 'smtp://u:p@localhost',
  SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T/B/x',
  SECRETS_KEY: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentidp-secret-files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const path = join(folder, 'secret');
  writeFileSync(path, content);
  return path;
}

const settings = Object.entries(SETTINGS);
const secretNames = settings.filter(([, { secret }]) => secret).map(([, { name }]) => name);

describe('A secret in a file', () => {
  it('is possible for each setting that may hold a credential', () => {
    expect(secretNames.sort()).toEqual(Object.keys(VALUES).sort());
  });

  it.each(Object.entries(VALUES))('%s_FILE is read without the newline at its end', (name, value) => {
    const [key] = settings.find(([, setting]) => setting.name === name)!;
    const inFile = loadConfig({ [`${name}_FILE`]: file(`${value}\r\n`) });
    expect(inFile).toEqual(loadConfig({ [name]: value }));
    expect(inFile[key as keyof typeof inFile]).toBeDefined();
  });

  it('may hold two secrets for tokens', () => {
    const path = file(`${SECRET}x,${SECRET}\n`);
    expect(loadConfig({ AUTH_JWT_SECRET_FILE: path }).jwtSecrets).toEqual([`${SECRET}x`, SECRET]);
  });

  it('is an error together with the value', () => {
    const env = { AUTH_JWT_SECRET: SECRET, AUTH_JWT_SECRET_FILE: file(SECRET) };
    expect(() => loadConfig(env)).toThrow(/^AUTH_JWT_SECRET_FILE: AUTH_JWT_SECRET is set as well/);
    expect(loadConfig({ ...env, AUTH_JWT_SECRET: '' }).jwtSecrets).toEqual([SECRET]);
    expect(loadConfig({ ...env, AUTH_JWT_SECRET_FILE: '' }).jwtSecrets).toEqual([SECRET]);
  });

  it('that is missing, empty or wrong stops the start with the name of the variable', () => {
    const load = (path: string) => () => loadConfig({ AUTH_JWT_SECRET_FILE: path });
    expect(load(join(folder, 'none'))).toThrow(
      /^AUTH_JWT_SECRET_FILE: the file .*none cannot be read \(ENOENT\)$/,
    );
    expect(load(folder)).toThrow(/^AUTH_JWT_SECRET_FILE: .*\(EISDIR\)$/);
    expect(load(file('\n'))).toThrow(/^AUTH_JWT_SECRET_FILE: the file .* is empty$/);
    expect(load(file('hush\n'))).toThrow(/^AUTH_JWT_SECRET_FILE: must be at least 32 bytes long, but has 4$/);
  });

  it('is not offered for settings that are no secrets', () => {
    expect(loadConfig({ PORT_FILE: file('8080') }).port).toBe(3001);
  });
});
