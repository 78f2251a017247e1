/** The generated HS256 secret, used if none is configured. */
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, errorCode, messageOf } from '../errors.js';

const MIN_BYTES = 32;

/**
 * Returns the secret in `DATA_DIR/jwt-secret`, and generates it if there is none. Only the owner can read the file.
 * Processes that start at the same time get the same secret.
 * @throws ConfigError if the file cannot be written or read, or is shorter than 32 bytes
 */
export function ensureSecret(dataDir: string): string {
  const path = join(dataDir, 'jwt-secret');
  let secret: string;
  try {
    secret = read(path) ?? create(dataDir, path);
  } catch (error) {
    throw new ConfigError(
      'DATA_DIR',
      `cannot store the token secret there; set AUTH_JWT_SECRET instead: ${messageOf(error)}`,
    );
  }
  if (Buffer.byteLength(secret) < MIN_BYTES) {
    throw new ConfigError('DATA_DIR', `${path} is damaged; remove it, and a new secret is generated`);
  }
  return secret;
}

function read(path: string): string | undefined {
  try {
    const secret = readFileSync(path, 'utf8').trim();
    // A copied or restored file may have broader permissions.
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    return secret;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a temporary file and links it into place. The link fails if another process was faster; its secret is then used. */
function create(dataDir: string, path: string): string {
  mkdirSync(dataDir, { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(temporary, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  return read(path) ?? '';
}
