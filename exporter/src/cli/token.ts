/** `token`: prints a token for the API and nothing else, so that scripts can use the output. */
import { Command, InvalidArgumentError } from 'commander';
import { signToken } from '../auth/tokens.js';
import type { Config } from '../config.js';
import { ConfigError } from '../errors.js';
import { isScope, type Scope, SCOPES } from '../scopes.js';
import { DAY } from '../time.js';
import { readConfig } from './environment.js';
import { requiredTenant, wholeNumber } from './options.js';

const DEFAULT_DAYS = 30;
const MAX_DAYS = 3650;

interface TokenCommandOptions {
  tenant: string;
  scope: Scope[];
  days: number;
  subject: string;
}

export function tokenCommand(): Command {
  return new Command('token')
    .description(
      'print a token (JWT) for the API, signed with AUTH_JWT_SECRET or the secret kept under DATA_DIR',
    )
    .addOption(requiredTenant('tenant of the token'))
    .option('--scope <scopes>', `scopes, separated by spaces: ${SCOPES.join(', ')}`, scopes, [
      'analytics:read',
    ])
    .option('--days <n>', 'validity in days', wholeNumber(1, MAX_DAYS), DEFAULT_DAYS)
    .option('--subject <name>', 'subject (sub)', 'cli')
    .addHelpText(
      'after',
      `
Example:
  TOKEN=$(agentidp-analytics token --tenant acme --scope "analytics:read analytics:write" --days 7)`,
    )
    .action(async (options: TokenCommandOptions) => {
      process.stdout.write(`${await makeToken(readConfig(), options)}\n`);
    });
}

function scopes(text: string): Scope[] {
  const words = text.split(' ').filter((word) => word !== '');
  const unknown = words.find((word) => !isScope(word));
  if (unknown !== undefined || words.length === 0) {
    throw new InvalidArgumentError(
      `${unknown === undefined ? 'No scope given' : `Unknown scope "${unknown}"`}; scopes are ${SCOPES.join(', ')}.`,
    );
  }
  return words.filter(isScope);
}

async function makeToken(
  config: Config,
  { tenant, scope, days, subject }: TokenCommandOptions,
): Promise<string> {
  const [secret] = config.jwtSecrets ?? [];
  if (secret === undefined) {
    throw new ConfigError(
      'AUTH_JWT_SECRET',
      'is required to sign a token; with AUTH_JWKS_URL alone, your identity provider issues the tokens',
    );
  }
  return signToken({
    secret,
    tenantId: tenant,
    subject,
    scopes: scope,
    lifetimeSeconds: (days * DAY) / 1000,
    issuer: config.issuer,
    audience: config.audience,
    tenantClaim: config.tenantClaim,
  });
}
