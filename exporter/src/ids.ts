/** Ids: the rules for ids in requests, and the UUIDs that the service generates. */
import { hash, randomFillSync } from 'node:crypto';

/** Ids of tenants, agents, users, sessions and flows: 1 to 128 printable characters without white space. */
export const ID_PATTERN = '^[^\\p{C}\\p{Z}]{1,128}$';
const ID = new RegExp(ID_PATTERN, 'u');
/** Matches nearly all ids, several times as fast. */
const ASCII_ID = /^[!-~]{1,128}$/;

export function isId(value: unknown): value is string {
  return typeof value === 'string' && (ASCII_ID.test(value) || ID.test(value));
}

/** The plain form only, without `urn:uuid:` or braces, and with hyphens. */
export const UUID_PATTERN = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';
const UUID = new RegExp(UUID_PATTERN);

/** When a UUIDv7 was made, in milliseconds; undefined for any other version. */
export function timeOfUuid(uuid: string): number | undefined {
  if (uuid[14] !== '7' || !/[89ab]/i.test(uuid[19] ?? '')) return undefined;
  return parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}

/** PostgreSQL cannot store U+0000 in text. */
export const NO_NUL = '^[^\\u0000]*$';

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/** Formats 32 hexadecimal digits as a UUID. */
export const uuidOfHex = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;

/**
 * The UUIDv5 (RFC 9562) of a name.
 * @param namespace a UUID
 */
export function uuidv5(namespace: string, name: string): string {
  const bytes = Buffer.concat([Buffer.from(namespace.replaceAll('-', ''), 'hex'), Buffer.from(name)]);
  const hex = hash('sha1', bytes);
  const variant = '89ab'[parseInt(hex[16]!, 16) & 3]!;
  return uuidOfHex(`${hex.slice(0, 12)}5${hex.slice(13, 16)}${variant}${hex.slice(17, 32)}`);
}

const random = Buffer.alloc(4096);
let used = random.length;

/** Generates a UUIDv7: it sorts by time, and its other bits are random. */
export function uuidv7(now = Date.now()): string {
  if (used + 10 > random.length) {
    randomFillSync(random);
    used = 0;
  }
  const time = now.toString(16).padStart(12, '0');
  const tail = random.toString('hex', used, used + 10);
  used += 10;
  const variant = '89ab'[parseInt(tail[3]!, 16) & 3]!;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${tail.slice(0, 3)}-${variant}${tail.slice(4, 7)}-${tail.slice(8, 20)}`;
}
