/** `migrate`: applies the pending migrations and exits. */
import { Command } from 'commander';
import { createLog, readConfig, withDatabase } from './environment.js';

export function migrateCommand(): Command {
  return new Command('migrate').description('apply the pending database migrations').action(async () => {
    const config = readConfig();
    await withDatabase(config, createLog(config, 2), async ({ described }) => {
      process.stdout.write(`The schema of ${described} is up to date.\n`);
    });
  });
}
