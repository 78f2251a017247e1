/** Checks the configuration of a channel, and keeps its secrets apart. */
import type { ValidateFunction } from 'ajv';
import { AppError } from '../../errors.js';
import type { OutboundGuard } from '../../outbound/guard.js';
import { RefusedDestination } from '../../outbound/guard.js';
import { describeError, typedChecks } from '../../schema-check.js';
import { type AllowedRecipients, mayReceive } from '../recipients.js';
import { type Secrets, SecretUnavailable } from '../secrets.js';
import { type ChannelConfig, type ChannelType, type Field, FIELDS } from './types.js';

/** Headers that the request sets itself. */
const OWN_HEADERS = /^(host|connection|content-length|content-type|transfer-encoding|webhook-.*)$/i;

const invalid = (message: string): AppError => new AppError('VALIDATION_ERROR', message);

const compiled = new Map<ChannelType, ValidateFunction>();

function checkOf(type: ChannelType): ValidateFunction {
  const known = compiled.get(type);
  if (known !== undefined) return known;
  const fields = Object.entries(FIELDS[type]);
  const check = typedChecks.compile({
    type: 'object',
    additionalProperties: false,
    required: fields.flatMap(([name, { required }]) => (required ? [name] : [])),
    properties: Object.fromEntries(fields.map(([name, { schema }]) => [name, schema])),
  });
  compiled.set(type, check);
  return check;
}

export interface ConfigRules {
  guard: OutboundGuard;
  mailRecipients: AllowedRecipients;
}

/** @throws AppError VALIDATION_ERROR */
export async function checkConfig(
  type: ChannelType,
  config: ChannelConfig,
  rules: ConfigRules,
): Promise<void> {
  const check = checkOf(type);
  if (!check(config)) throw invalid(`config: ${describeError(check.errors![0]!, 'field', 'configuration')}`);
  for (const [name, field] of Object.entries(FIELDS[type])) {
    const value = config[name];
    if (field.destination && typeof value === 'string')
      await checkDestination(name, value, field, rules.guard);
  }
  const ownHeader = Object.keys((config.headers ?? {}) as object).find((name) => OWN_HEADERS.test(name));
  if (ownHeader !== undefined) throw invalid(`config: the header ${ownHeader} is set by the service`);
  const { mailRecipients } = rules;
  const refused = ((config.to ?? []) as string[]).find((address) => !mayReceive(mailRecipients, address));
  if (refused !== undefined)
    throw invalid(
      `config: mails to "${refused}" are not allowed; the operator of this service allows ${mailRecipients!.join(', ')}`,
    );
}

async function checkDestination(
  name: string,
  value: string,
  { secret }: Field,
  guard: OutboundGuard,
): Promise<void> {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw invalid(`config: field ${name} must be a URL that begins with https:// or http://`);
  if (!secret && (url.username !== '' || url.password !== ''))
    throw invalid(`config: field ${name} must not contain a user or password; send them in headers`);
  try {
    await guard.check(url);
  } catch (error) {
    if (error instanceof RefusedDestination) throw invalid(`config: field ${name}: ${error.message}`);
    throw error;
  }
}

/** A configuration as it is stored. */
export interface StoredConfig {
  config: ChannelConfig;
  /** By field, encrypted. */
  secrets: Record<string, string>;
}

const placeOf = (tenantId: string, channel: string, field: string): string[] => [
  tenantId,
  'channel',
  channel,
  field,
];

/** @throws AppError VALIDATION_ERROR if there are secrets and no key to encrypt them with */
export function sealed(
  { tenantId, name, type }: { tenantId: string; name: string; type: ChannelType },
  config: ChannelConfig,
  secrets: Secrets,
): StoredConfig {
  const stored: StoredConfig = { config: {}, secrets: {} };
  for (const [field, value] of Object.entries(config)) {
    if (!FIELDS[type][field]?.secret) {
      stored.config[field] = value;
      continue;
    }
    try {
      stored.secrets[field] = secrets.encrypt(JSON.stringify(value), placeOf(tenantId, name, field));
    } catch (error) {
      if (error instanceof SecretUnavailable) throw invalid(`config: field ${field}: ${error.message}`);
      throw error;
    }
  }
  return stored;
}

/** @throws SecretUnavailable */
export function opened(
  { tenantId, name }: { tenantId: string; name: string },
  { config, secrets }: StoredConfig,
  keys: Secrets,
): ChannelConfig {
  const readable = Object.entries(secrets).map(([field, stored]): [string, unknown] => [
    field,
    JSON.parse(keys.decrypt(stored, placeOf(tenantId, name, field))),
  ]);
  return { ...config, ...Object.fromEntries(readable) };
}

/** As it is answered: secrets are `true`. */
export const shown = ({ config, secrets }: StoredConfig): ChannelConfig => ({
  ...config,
  ...Object.fromEntries(Object.keys(secrets).map((field) => [field, true])),
});
