/** The command line, `agentidp-analytics <command>`. An error is printed as one line, and the exit code is 1. */
import { Command } from 'commander';
import { agentCommand } from './cli/agent.js';
import { channelCommand } from './cli/channel.js';
import { alertCommand } from './cli/alert.js';
import { demoCommand } from './cli/demo.js';
import { importCommand } from './cli/import.js';
import { migrateCommand } from './cli/migrate.js';
import { printable } from './cli/printable.js';
import { reportCommand } from './cli/report.js';
import { rollupCommand } from './cli/rollup.js';
import { seedCommand } from './cli/seed.js';
import { serveCommand } from './cli/serve.js';
import { tenantCommand } from './cli/tenant.js';
import { tokenCommand } from './cli/token.js';
import { messageOf } from './errors.js';

export function createProgram(): Command {
  return new Command('agentidp-analytics')
    .description('Identity analytics for fleets of AI agents')
    .addCommand(serveCommand())
    .addCommand(migrateCommand())
    .addCommand(tokenCommand())
    .addCommand(tenantCommand())
    .addCommand(agentCommand())
    .addCommand(channelCommand())
    .addCommand(alertCommand())
    .addCommand(importCommand())
    .addCommand(rollupCommand())
    .addCommand(reportCommand())
    .addCommand(seedCommand())
    .addCommand(demoCommand());
}

export async function run(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync([...argv]);
  } catch (error) {
    process.stderr.write(`agentidp-analytics: ${printable(messageOf(error))}\n`);
    process.exitCode = 1;
  }
}
