/** The demo's credentials: tokens for its tenants, and generated passwords that are kept under DATA_DIR. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signToken } from '../auth/tokens.js';
import type { Config } from '../config.js';
import { errorCode } from '../errors.js';
import type { Scope } from '../scopes.js';
import { DAY } from '../time.js';
import type { DemoTenant } from './fleet.js';

const TOKEN_DAYS = 30;

/** Tokens by tenant id. */
export interface Tokens {
  read: Map<string, string>;
  write: Map<string, string>;
  /** Also allow reading. */
  admin: Map<string, string>;
}

export async function createTokens(config: Config, tenants: readonly DemoTenant[]): Promise<Tokens> {
  const sign = (tenantId: string, ...scopes: Scope[]): Promise<string> =>
    signToken({
      secret: config.jwtSecrets![0]!,
      tenantId,
      subject: 'demo',
      scopes,
      lifetimeSeconds: (TOKEN_DAYS * DAY) / 1000,
      issuer: config.issuer,
      audience: config.audience,
      tenantClaim: config.tenantClaim,
    });
  const tokens: Tokens = { read: new Map(), write: new Map(), admin: new Map() };
  for (const { id } of tenants) {
    tokens.read.set(id, await sign(id, 'analytics:read'));
    tokens.write.set(id, await sign(id, 'analytics:write'));
    tokens.admin.set(id, await sign(id, 'analytics:read', 'analytics:admin'));
  }
  return tokens;
}

/** Returns the password stored in `DATA_DIR/demo/<name>`, and generates it if there is none. Only the owner can read the file. */
export function ensurePassword(dataDir: string, name: string): string {
  const dir = join(dataDir, 'demo');
  const path = join(dir, name);
  try {
    const stored = readFileSync(path, 'utf8').trim();
    if (stored !== '') return stored;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const password = randomBytes(18).toString('base64url');
  mkdirSync(dir, { recursive: true });
  writeFileSync(path, password, { mode: 0o600 });
  return password;
}
