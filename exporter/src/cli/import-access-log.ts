/** `import access-log`: a web server's log, an `api_calls` event a line. */
import { Command, Option } from 'commander';
import { AGENT_SOURCES, type AgentSource, parseAccessLogLine } from '../ingest/access-log.js';
import { LineIds, REMEMBERED } from '../ingest/derived-id.js';
import { finishImport, importLines } from './import-lines.js';
import { requiredTenant } from './options.js';
import { grouped } from './progress.js';
import { withSession } from './session.js';

export function importAccessLogCommand(): Command {
  return new Command('access-log')
    .description("take in a gateway's or web server's access log (combined or common log format)")
    .argument('<file>', 'the log; .gz is unpacked, - is standard input')
    .addOption(requiredTenant('the tenant that the events belong to'))
    .addOption(
      new Option(
        '--agent-from <what>',
        "what names the agent: the authenticated user (- is nobody), or the client's address",
      )
        .choices(AGENT_SOURCES)
        .default('user'),
    )
    .addHelpText(
      'after',
      `
Each line becomes one API call: METHOD /path as its endpoint, its status and its time. A line's id is made of its
content, and of its ordinal among equal lines, so importing a file again counts nothing twice; equal lines that stand
more than ${grouped(REMEMBERED)} different lines apart, or in different files, count once. A broken line is counted and shown, and
stops nothing. Lines older than RETENTION_DAYS are refused.

Examples:
  agentidp-analytics import access-log /var/log/nginx/access.log --tenant acme
  RETENTION_DAYS=5000 agentidp-analytics import access-log old.log.gz --tenant acme --agent-from address`,
    )
    .action(async (file: string, { tenant, agentFrom }: { tenant: string; agentFrom: AgentSource }) => {
      await withSession(async (session) => {
        const ids = new LineIds();
        const parse = (line: string): object => ({
          ...parseAccessLogLine(line, agentFrom),
          id: ids.idOf(line),
        });
        await finishImport(session, await importLines(session, { file, tenantId: tenant, parse }));
      });
    });
}
