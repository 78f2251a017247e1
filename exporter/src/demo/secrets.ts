/** What the demo proves identities with: tokens for its tenants, and generated passwords kept under DATA_DIR. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signToken } from '../auth/tokens.js';
import type { Config } from '../config.js';
import { errorCode } from '../errors.js';
import { DAY } from '../time.js';
import type { DemoTenant } from './fleet.js';

const TOKEN_DAYS = 30;

/** Tokens by tenant. */
export interface Tokens {
  read: Map<string, string>;
  write: Map<string, string>;
}

export async function tokensOf(config: Config, tenants: readonly DemoTenant[]): Promise<Tokens> {
  const sign = (tenantId: string, scope: 'analytics:read' | 'analytics:write'): Promise<string> =>
    signToken({
      secret: config.jwtSecret!,
      tenantId,
      subject: 'demo',
      scopes: [scope],
      lifetimeSeconds: (TOKEN_DAYS * DAY) / 1000,
      issuer: config.issuer,
      audience: config.audience,
    });
  const tokens: Tokens = { read: new Map(), write: new Map() };
  for (const { id } of tenants) {
    tokens.read.set(id, await sign(id, 'analytics:read'));
    tokens.write.set(id, await sign(id, 'analytics:write'));
  }
  return tokens;
}

/** A random password kept in `DATA_DIR/demo/<name>`, which only its owner may read. */
export function keptPassword(dataDir: string, name: string): string {
  const dir = join(dataDir, 'demo');
  const path = join(dir, name);
  try {
    const kept = readFileSync(path, 'utf8').trim();
    if (kept !== '') return kept;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const made = randomBytes(18).toString('base64url');
  mkdirSync(dir, { recursive: true });
  writeFileSync(path, made, { mode: 0o600 });
  return made;
}
