/** `import events`: imports events as newline-delimited JSON. */
import { Command } from 'commander';
import { LineIds, REMEMBERED } from '../ingest/derived-id.js';
import { DRY_RUN } from './import-dry-run.js';
import { dryRunLines, finishImport, importLines } from './import-lines.js';
import { EXIT_CODES } from './import-report.js';
import { requiredTenant } from './options.js';
import { grouped } from './progress.js';
import { withSession } from './session.js';

export function importEventsCommand(): Command {
  return new Command('events')
    .description('import events from newline-delimited JSON')
    .argument('<file>', 'file; .gz is decompressed, - is standard input')
    .addOption(requiredTenant('tenant of the events'))
    .option(...DRY_RUN)
    .addHelpText(
      'after',
      `
Each line is an event as in POST /api/v1/events. If it has no id, its id is derived from its content and, for identical
lines, from their order, so a repeated import does not create duplicates; this requires occurredAt. Identical lines
without an id that are more than ${grouped(REMEMBERED)} different lines apart, or in different files, are counted once.
${EXIT_CODES}

Examples:
  agentidp-analytics import events events.ndjson --tenant acme
  echo '{"metricType":"token_issuances","agentId":"a1","occurredAt":"2026-03-06T09:15:00Z"}' |
    agentidp-analytics import events - --tenant acme`,
    )
    .action(async (file: string, { tenant, dryRun }: { tenant: string; dryRun?: true }) => {
      const ids = new LineIds();
      const lines = {
        file,
        parse: (line: string): object => parseEventLine(line, ids),
        text: { strict: true },
      };
      if (dryRun === true) return dryRunLines(lines);
      await withSession(async (session) => {
        await finishImport(session, await importLines(session, { ...lines, tenantId: tenant }));
      });
    });
}

/** @throws Error if the line is not an event, or could not be recognised when it is imported again */
function parseEventLine(line: string, ids: LineIds): object {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    throw new Error('not JSON');
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) throw new Error('not an object');
  const { id, occurredAt } = event as { id?: unknown; occurredAt?: unknown };
  if (id !== undefined) return event;
  if (occurredAt === undefined)
    throw new Error(
      'occurredAt is required without an id, because a repeated import would count the event again',
    );
  return { ...event, id: ids.idOf(line.trim()) };
}
