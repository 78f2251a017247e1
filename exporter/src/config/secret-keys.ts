/** `SECRETS_KEY`: the keys that encrypt secrets at rest. */
import { ConfigError } from '../errors.js';

const KEY_BYTES = 32;
const FORM = /^([a-zA-Z0-9_-]{1,32}):([A-Za-z0-9+/_-]{43}=?)$/;

export interface SecretKey {
  name: string;
  bytes: Buffer;
}

/** `name:key,…`, each key 32 bytes in base64. */
export const secretKeys = (value: string, name: string): SecretKey[] => {
  const keys = value.split(',').map((part, i) => {
    const [, keyName, encoded] = FORM.exec(part.trim()) ?? [];
    const bytes = Buffer.from(encoded ?? '', 'base64');
    // The value is secret, so the message does not repeat it.
    if (keyName === undefined || bytes.length !== KEY_BYTES)
      throw new ConfigError(
        name,
        `key ${i + 1} must be a name, a colon and ${KEY_BYTES} bytes in base64, such as k1:… with the output of "openssl rand -base64 ${KEY_BYTES}"; several are separated by commas`,
      );
    return { name: keyName, bytes };
  });
  const repeated = keys.find((key, i) => keys.findIndex((other) => other.name === key.name) !== i);
  if (repeated !== undefined) throw new ConfigError(name, `names the key ${repeated.name} twice`);
  return keys;
};
