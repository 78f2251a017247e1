/** `channel test`: sends a test message to a channel, and prints what its receiver said. */
import { Command } from 'commander';
import { requiredTenant } from './options.js';
import { printable } from './printable.js';
import { withSession } from './session.js';

export function channelCommand(): Command {
  return new Command('channel').description('manage channels').addCommand(channelTestCommand());
}

function channelTestCommand(): Command {
  return new Command('test')
    .description('send a test message to a channel now, and print what the receiver said')
    .argument('<name>', 'name of the channel')
    .addOption(requiredTenant('tenant of the channel'))
    .addHelpText('after', '\nExample:\n  agentidp-analytics channel test oncall --tenant acme')
    .action(async (name: string, { tenant }: { tenant: string }) => {
      await withSession(async ({ services }) => {
        const { sent, answer, error } = await services.deliveries.test(tenant, name);
        if (!sent) throw new Error(`the test message was not sent: ${error}`);
        process.stdout.write(`Sent. The receiver said: ${printable(answer ?? 'nothing')}\n`);
        if (error !== null) process.stderr.write(`Not to all recipients: ${printable(error)}\n`);
      });
    });
}
