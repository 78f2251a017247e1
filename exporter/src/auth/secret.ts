/** The HS256 secret of an installation that was given none. */
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, errorCode, messageOf } from '../errors.js';

const MIN_BYTES = 32;

/**
 * The secret kept in `DATA_DIR/jwt-secret`, made at the first call; only its owner may read the file.
 * Processes that start together end with the same secret.
 * @throws ConfigError when the file cannot be made or read, or holds less than 32 bytes
 */
export function ensureSecret(dataDir: string): string {
  const path = join(dataDir, 'jwt-secret');
  let secret: string;
  try {
    secret = read(path) ?? make(dataDir, path);
  } catch (error) {
    throw new ConfigError(
      'DATA_DIR',
      `cannot keep the token secret there, set AUTH_JWT_SECRET instead: ${messageOf(error)}`,
    );
  }
  if (Buffer.byteLength(secret) < MIN_BYTES) {
    throw new ConfigError('DATA_DIR', `${path} is damaged: remove it, and a new secret will be made`);
  }
  return secret;
}

function read(path: string): string | undefined {
  try {
    const secret = readFileSync(path, 'utf8').trim();
    // A copy or a restored backup may have come with wider rights.
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    return secret;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written whole under a name of its own, then linked: a link fails where a faster process has put its secret. */
function make(dataDir: string, path: string): string {
  mkdirSync(dataDir, { recursive: true });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return read(path) ?? '';
}
