/** `import events`: events in their wire form, one a line. */
import { Command } from 'commander';
import { LineIds, REMEMBERED } from '../ingest/derived-id.js';
import { finishImport, importLines } from './import-lines.js';
import { requiredTenant } from './options.js';
import { grouped } from './progress.js';
import { withSession } from './session.js';

export function importEventsCommand(): Command {
  return new Command('events')
    .description('take in events as newline-delimited JSON')
    .argument('<file>', 'the file; .gz is unpacked, - is standard input')
    .addOption(requiredTenant('the tenant that the events belong to'))
    .addHelpText(
      'after',
      `
A line is an event as POST /api/v1/events takes it. One without an id gets one that is made of its content, and of its
ordinal among equal lines, so importing a file again counts nothing twice; for that it needs its occurredAt. Equal lines
without an id that stand more than ${grouped(REMEMBERED)} different lines apart, or in different files, count once.

Examples:
  agentidp-analytics import events events.ndjson --tenant acme
  echo '{"metricType":"token_issuances","agentId":"a1","occurredAt":"2026-03-06T09:15:00Z"}' |
    agentidp-analytics import events - --tenant acme`,
    )
    .action(async (file: string, { tenant }: { tenant: string }) => {
      await withSession(async (session) => {
        const ids = new LineIds();
        const parse = (line: string): object => parseEventLine(line, ids);
        await finishImport(session, await importLines(session, { file, tenantId: tenant, parse }));
      });
    });
}

/** @throws an error that says why the line is no event that can be recognised again */
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
    throw new Error('without occurredAt, and so counted again by every further import');
  return { ...event, id: ids.idOf(line.trim()) };
}
