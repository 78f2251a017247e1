/** Parsers of the values of settings. Each throws a ConfigError that says what would be right. */
import { isIP } from 'node:net';
import { checkCron } from '../cron.js';
import { ConfigError, messageOf } from '../errors.js';
import { type EndpointPatterns, endpointPatterns } from '../endpoint-pattern.js';
import { compilePattern, patternsIn } from '../redaction.js';

export const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

export const text = (value: string): string => value;

export const host = (value: string, name: string): string => {
  if (isIP(value) !== 0 || /^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(value)) return value;
  throw new ConfigError(name, `must be an address or a host name without a port, not "${value}"`);
};

const MIN_BEARER_LENGTH = 16;

export const bearer = (value: string, name: string): string => {
  if (!/^[\x20-\x7e]+$/.test(value)) {
    throw new ConfigError(name, 'must be printable ASCII, because it is sent in a header');
  }
  if (value.length >= MIN_BEARER_LENGTH) return value;
  throw new ConfigError(
    name,
    `must be at least ${MIN_BEARER_LENGTH} characters long, but has ${value.length}`,
  );
};

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const DOMAIN = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;

/** `any`, or addresses and domains; undefined for `any`. */
export const recipients = (value: string, name: string): string[] | undefined => {
  if (value === 'any') return undefined;
  const listed = value.split(',').map((part) => part.trim().toLowerCase());
  const wrong = listed.find((part) => !ADDRESS.test(part) && !DOMAIN.test(part));
  if (wrong !== undefined)
    throw new ConfigError(
      name,
      `must be "any", or addresses and domains separated by commas, such as example.org; "${wrong}" is neither`,
    );
  return listed;
};

export const mailAddresses = (value: string, name: string): string[] => {
  const listed = value.split(',').map((part) => part.trim());
  const wrong = listed.find((part) => !ADDRESS.test(part));
  if (wrong === undefined) return listed;
  throw new ConfigError(name, `must be mail addresses separated by commas; "${wrong}" is none`);
};

export const mailAddress = (value: string, name: string): string => {
  if (/^([^<>\r\n]*<[^\s@<>]+@[^\s@<>]+>|[^\s@<>]+@[^\s@<>]+)$/.test(value)) return value;
  throw new ConfigError(
    name,
    `must be a mail address such as "Budgets <budgets@example.org>", not "${value}"`,
  );
};

export const boolean = (value: string, name: string): boolean => {
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  if (/^(false|0|no|off)$/i.test(value)) return false;
  throw new ConfigError(name, `must be true or false, not "${value}"`);
};

export const integer =
  (min: number, max: number) =>
  (value: string, name: string): number => {
    const parsed = /^\d+$/.test(value) ? Number(value) : NaN;
    if (parsed >= min && parsed <= max) return parsed;
    throw new ConfigError(name, `must be a whole number from ${min} to ${max}, not "${value}"`);
  };

export const oneOf =
  <T extends string>(values: readonly T[]) =>
  (value: string, name: string): T => {
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw new ConfigError(name, `must be one of ${values.join(', ')}, not "${value}"`);
  };

export const url =
  (...protocols: string[]) =>
  (value: string, name: string): string => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    if (parsed !== undefined && protocols.includes(parsed.protocol)) return value;
    // The value may contain a password, so the message does not repeat it.
    throw new ConfigError(
      name,
      `must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    );
  };

export const patterns = (value: string, name: string): string[] => {
  const list = patternsIn(value);
  for (const pattern of list) {
    try {
      compilePattern(pattern);
    } catch (error) {
      throw new ConfigError(
        name,
        `must be regular expressions of RE2, separated by commas: ${JSON.stringify(pattern)}: ${messageOf(error)}`,
      );
    }
  }
  return list;
};

export const cron = (value: string, name: string): string => {
  try {
    checkCron(value);
    return value;
  } catch {
    throw new ConfigError(
      name,
      `must be a cron expression of five fields in UTC such as "5 0 * * *", not "${value}"`,
    );
  }
};

export const endpointNames = (value: string, name: string): EndpointPatterns => {
  try {
    return endpointPatterns(value);
  } catch (error) {
    throw new ConfigError(name, messageOf(error));
  }
};

function isAddressRange(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  const inRange =
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
  return version !== 0 && inRange && rest.length === 0;
}

/** CIDR ranges, and addresses; without the names of ranges that `cidrs` takes. */
export const networks = (value: string, name: string): string[] => {
  const list = value.split(',').map((item) => item.trim());
  const wrong = list.find((item) => !/[.:]/.test(item) || !isAddressRange(item));
  if (wrong === undefined) return list;
  throw new ConfigError(
    name,
    `must be CIDR ranges such as 10.1.0.0/16, separated by commas; "${wrong}" is none`,
  );
};

export const cidrs = (value: string, name: string): string[] => {
  const list = value.split(',').map((item) => item.trim());
  for (const item of list) {
    if (!isAddressRange(item)) {
      throw new ConfigError(name, `must be addresses or CIDR ranges separated by commas, not "${value}"`);
    }
  }
  return list;
};

/** Where in object storage files stand; the prefix has no slash at its ends. */
export interface ExportBucket {
  bucket: string;
  prefix: string;
}

export const exportBucket = (value: string, name: string): ExportBucket => {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w!.*'()/-]*))?$/.exec(value);
  if (match === null)
    throw new ConfigError(
      name,
      `must be a bucket with or without a prefix, such as s3://exports/agentidp, not "${value}"`,
    );
  return { bucket: match[1]!, prefix: (match[2] ?? '').replace(/^\/+|\/+$/g, '') };
};
