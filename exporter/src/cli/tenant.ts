/** `tenant set`: sets the tier and the name of a tenant. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Tier, TIERS } from '../config.js';
import { MAX_NAME_LENGTH } from '../facts/types.js';
import { setTenant } from '../tenants/tenants.js';
import { tenantId } from './options.js';
import { withSession } from './session.js';

export function tenantCommand(): Command {
  return new Command('tenant').description('manage tenants').addCommand(tenantSetCommand());
}

function tenantSetCommand(): Command {
  return new Command('set')
    .description('set the tier and the name of a tenant; an unknown tenant is created')
    .argument('<id>', 'tenant id', tenantId)
    .addOption(
      new Option(
        '--tier <tier>',
        'free, pro or enterprise; default for a new tenant: TENANT_DEFAULT_TIER',
      ).choices(TIERS),
    )
    .option('--name <name>', 'display name', tenantName)
    .addHelpText(
      'after',
      '\nExample:\n  agentidp-analytics tenant set acme --tier enterprise --name "Acme Corporation"',
    )
    .action(async (id: string, options: { tier?: Tier; name?: string }) => {
      await withSession(async ({ pool, config, author }) => {
        const { tier, name } = await setTenant(pool, id, options, config.tenantDefaultTier, author);
        process.stdout.write(`${id}: tier ${tier}${name === null ? '' : `, name "${name}"`}\n`);
      });
    });
}

function tenantName(text: string): string {
  if (text.trim() !== '' && text.length <= MAX_NAME_LENGTH && !text.includes('\0')) return text;
  throw new InvalidArgumentError(`A name has 1 to ${MAX_NAME_LENGTH} characters.`);
}
