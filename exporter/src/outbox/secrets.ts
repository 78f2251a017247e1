/**
 * Encrypts secrets for the database with AES-256-GCM. A value is bound to the row and field that it is of, so that it cannot
 * be decrypted as another one's.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SecretKey } from '../config/secret-keys.js';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
/** Must be set: Node.js 20 otherwise also accepts a tag of 4 bytes. */
const AUTH_TAG_BYTES = 16;

/** A secret cannot be stored or read, with the reason. */
export class SecretUnavailable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SecretUnavailable';
  }
}

export class Secrets {
  /** @param keys the first one encrypts */
  constructor(private readonly keys: readonly SecretKey[]) {}

  /**
   * @param place the row and field that the secret is of
   * @throws SecretUnavailable without a key
   */
  encrypt(secret: string, place: readonly string[]): string {
    const [key] = this.keys;
    if (key === undefined)
      throw new SecretUnavailable('secrets cannot be stored: the operator has not set SECRETS_KEY');
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, key.bytes, iv, { authTagLength: AUTH_TAG_BYTES });
    cipher.setAAD(dataOf(place));
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return `${key.name}:${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64')}`;
  }

  /** @throws SecretUnavailable if its key is missing, or it is not of this place */
  decrypt(stored: string, place: readonly string[]): string {
    const colon = stored.indexOf(':');
    const name = stored.slice(0, colon);
    const key = this.keys.find((known) => known.name === name);
    if (key === undefined)
      throw new SecretUnavailable(
        `a secret is encrypted with the key "${name}", which SECRETS_KEY does not have`,
      );
    const bytes = Buffer.from(stored.slice(colon + 1), 'base64');
    const decipher = createDecipheriv(ALGORITHM, key.bytes, bytes.subarray(0, IV_BYTES), {
      authTagLength: AUTH_TAG_BYTES,
    });
    try {
      decipher.setAAD(dataOf(place));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + AUTH_TAG_BYTES));
      const text = decipher.update(bytes.subarray(IV_BYTES + AUTH_TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch {
      throw new SecretUnavailable(`a secret cannot be decrypted with the key "${name}" of SECRETS_KEY`);
    }
  }
}

const dataOf = (place: readonly string[]): Buffer => Buffer.from(JSON.stringify(place));
