/** `agent delete` and `agent restore`. */
import { Command } from 'commander';
import { AppError } from '../errors.js';
import { setAgentDeleted } from '../tenants/agents.js';
import { agentId, requiredTenant } from './options.js';
import { withSession } from './session.js';

export function agentCommand(): Command {
  return new Command('agent')
    .description('delete or restore agents')
    .addCommand(
      deletionCommand('delete', true)
        .description('delete an agent: hide it from lists and alerts, but keep its history')
        .addHelpText(
          'after',
          `
If events of a deleted agent arrive, it is restored automatically.

Example:
  agentidp-analytics agent delete billing-bot --tenant acme`,
        ),
    )
    .addCommand(
      deletionCommand('restore', false)
        .description('restore a deleted agent')
        .addHelpText('after', '\nExample:\n  agentidp-analytics agent restore billing-bot --tenant acme'),
    );
}

function deletionCommand(name: string, deleted: boolean): Command {
  const state = deleted ? 'deleted' : 'not deleted';
  return new Command(name)
    .argument('<id>', 'agent id', agentId)
    .addOption(requiredTenant('tenant of the agent'))
    .action(async (id: string, { tenant }: { tenant: string }) => {
      await withSession(async ({ pool }) => {
        const agent = await setAgentDeleted(pool, tenant, id, deleted);
        if (agent === undefined) throw new AppError('AGENT_NOT_FOUND', `tenant ${tenant} has no agent ${id}`);
        const title = agent.name === null ? id : `${id} "${agent.name}"`;
        process.stdout.write(`${title}: ${agent.wasDeleted === deleted ? `already ${state}` : state}\n`);
      });
    });
}
