/** `import access-log`: imports a web server's log as `api_calls` events. */
import { Command, Option } from 'commander';
import { AGENT_SOURCES, type AgentSource, parseAccessLogLine } from '../ingest/access-log.js';
import { LineIds, REMEMBERED } from '../ingest/derived-id.js';
import type { EventSink } from '../ingest/stream.js';
import { DRY_RUN } from './import-dry-run.js';
import { dryRunLines, finishImport, importLines } from './import-lines.js';
import { EXIT_CODES } from './import-report.js';
import { requiredTenant } from './options.js';
import { grouped } from './progress.js';
import { withSession } from './session.js';

interface Options {
  tenant: string;
  agentFrom: AgentSource;
  dryRun?: true;
}

export function importAccessLogCommand(): Command {
  return new Command('access-log')
    .description('import the access log of a gateway or web server (combined or common log format)')
    .argument('<file>', 'log file; .gz is decompressed, - is standard input')
    .addOption(requiredTenant('tenant of the events'))
    .addOption(
      new Option(
        '--agent-from <what>',
        'which field is the agent: the authenticated user (- is none) or the client address',
      )
        .choices(AGENT_SOURCES)
        .default('user'),
    )
    .option(...DRY_RUN)
    .addHelpText(
      'after',
      `
Each line becomes one API call with its endpoint (METHOD /path), status and time. The id of a line is derived from its
content and, for identical lines, from their order. A repeated import does not create duplicates; one with another
--agent-from replaces the agents. Identical lines that are more than ${grouped(REMEMBERED)} different lines apart, or in different
files, are counted once. Broken lines are reported and skipped.
Lines older than RETENTION_DAYS are rejected.
${EXIT_CODES}

Examples:
  agentidp-analytics import access-log /var/log/nginx/access.log --tenant acme
  RETENTION_DAYS=5000 agentidp-analytics import access-log old.log.gz --tenant acme --agent-from address`,
    )
    .action(async (file: string, { tenant, agentFrom, dryRun }: Options) => {
      const ids = new LineIds();
      const parse = (line: string): object => ({
        ...parseAccessLogLine(line, agentFrom),
        id: ids.idOf(line),
      });
      if (dryRun === true) return dryRunLines({ file, parse });
      await withSession(async (session) => {
        const { ingest } = session.services;
        const sink: EventSink = {
          events: (tenantId, batch) => ingest.replacing(tenantId, batch, { fields: ['agentId'] }),
        };
        await finishImport(session, await importLines(session, { file, tenantId: tenant, parse, sink }));
      });
    });
}
