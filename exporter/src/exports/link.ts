/** Signs the links of exports. Each export has a key of its own in the database, so that every replica can check them. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const KEY_BYTES = 32;

export const newLinkKey = (): Buffer => randomBytes(KEY_BYTES);

/** Checks signatures of exports that do not exist, so that they take as long as others. */
const NO_KEY = newLinkKey();

export interface Link {
  id: string;
  tenantId: string;
  /** Unix seconds. */
  expires: number;
}

export function signatureOf({ id, tenantId, expires }: Link, key: Buffer): string {
  // The tenant comes last, because its id may have any characters.
  return createHmac('sha256', key).update(`${id}\n${expires}\n${tenantId}`).digest('base64url');
}

/** @param key undefined for an export that does not exist, whose links are all wrong */
export function isSigned(link: Link, signature: string, key: Buffer | undefined): boolean {
  const right = Buffer.from(signatureOf(link, key ?? NO_KEY));
  const given = Buffer.from(signature);
  return given.length === right.length && timingSafeEqual(given, right) && key !== undefined;
}
