/** `report preview`: writes a report as it would look. */
import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { type PeriodName, PERIODS } from '../query/executions/period.js';
import { previewSettings } from '../reports/preview.js';
import { textOf } from '../reports/text.js';
import { TEMPLATE_NAMES, type TemplateName } from '../reports/templates.js';
import { requiredTenant } from './options.js';
import { withSession } from './session.js';

interface Options {
  tenant: string;
  template?: TemplateName;
  metrics?: string;
  groupBy?: string;
  period: PeriodName;
  timeZone: string;
  agents?: string;
  tags?: string;
  environments?: string;
  out?: string;
  text?: boolean;
}

export function reportCommand(): Command {
  return new Command('report').description('look at reports').addCommand(previewCommand());
}

function previewCommand(): Command {
  return new Command('preview')
    .description('write a report of the last whole days as HTML; nothing is kept or sent')
    .addOption(requiredTenant('tenant whose figures are shown'))
    .addOption(new Option('--template <name>', 'template').choices(TEMPLATE_NAMES))
    .option('--metrics <names>', 'metrics of the catalog, separated by commas')
    .option('--group-by <dimensions>', 'dimensions of the metrics, separated by commas')
    .addOption(new Option('--period <name>', 'days').choices(PERIODS).default('7d'))
    .option('--time-zone <zone>', 'time zone of the days', 'UTC')
    .option('--agents <ids>', 'only these agents, separated by commas')
    .option('--tags <tags>', 'only agents with these tags, separated by commas')
    .option('--environments <names>', 'only these environments, separated by commas')
    .option('--out <file>', 'file to write; default: standard output')
    .option('--text', 'plain text, as beside the HTML of a mail')
    .addHelpText(
      'after',
      '\nExample:\n  agentidp-analytics report preview --tenant acme --template cost_report --out report.html',
    )
    .action(async (options: Options) => {
      await withSession(async ({ services, pool }) => {
        const { tenant, groupBy, timeZone, agents, tags, out } = options;
        const content = await services.previewReport({
          ...{ pool, tenantId: tenant, readBudgets: () => services.budgets.list(tenant) },
          settings: previewSettings({
            ...{ template: options.template, metrics: options.metrics, period: options.period },
            ...{ group_by: groupBy, time_zone: timeZone, agent_ids: agents, agent_tags: tags },
            environments: options.environments,
          }),
        });
        const written = options.text ? textOf(content) : await services.reportRenderer.page(content);
        if (out === undefined) process.stdout.write(written);
        else await writeFile(out, written);
        await services.reportRenderer.close();
      });
    });
}
