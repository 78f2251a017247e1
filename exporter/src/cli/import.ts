/** `import …`: imports existing data. Each import can be repeated without counting anything twice. */
import { Command } from 'commander';
import { importAccessLogCommand } from './import-access-log.js';
import { importExecutionsCommand } from './import-executions.js';
import { importEventsCommand } from './import-events.js';
import { importPostgresCommand } from './import-postgres.js';

export function importCommand(): Command {
  return new Command('import')
    .description('import existing data; repeated imports do not create duplicates')
    .addCommand(importAccessLogCommand())
    .addCommand(importEventsCommand())
    .addCommand(importPostgresCommand())
    .addCommand(importExecutionsCommand())
    .addHelpText('after', '\nExample:\n  agentidp-analytics import access-log access.log --tenant acme');
}
