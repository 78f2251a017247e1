/** `import …`: what is already recorded elsewhere, taken in; each can be repeated without counting anything twice. */
import { Command } from 'commander';
import { importAccessLogCommand } from './import-access-log.js';
import { importExecutionsCommand } from './import-executions.js';
import { importEventsCommand } from './import-events.js';
import { importPostgresCommand } from './import-postgres.js';

export function importCommand(): Command {
  return new Command('import')
    .description('take in what is recorded elsewhere; repeating an import counts nothing twice')
    .addCommand(importAccessLogCommand())
    .addCommand(importEventsCommand())
    .addCommand(importPostgresCommand())
    .addCommand(importExecutionsCommand())
    .addHelpText('after', '\nExample:\n  agentidp-analytics import access-log access.log --tenant acme');
}
