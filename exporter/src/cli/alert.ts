/** `alert test`: evaluates an alert now. */
import { Command, InvalidArgumentError } from 'commander';
import type { Trial } from '../alerts/alerts.js';
import { labelText } from '../alerts/message.js';
import { isUuid } from '../ids.js';
import { formatTime } from '../time.js';
import { requiredTenant } from './options.js';
import { printable } from './printable.js';
import { withSession } from './session.js';

/** Groups that are printed. */
const SHOWN = 20;

export function alertCommand(): Command {
  return new Command('alert').description('try out alerts').addCommand(
    new Command('test')
      .description('evaluate an alert now; nothing is sent or changed')
      .argument('<id>', 'id of the alert', alertId)
      .addOption(requiredTenant('tenant of the alert'))
      .addHelpText(
        'after',
        `
GET /api/v1/analytics/alerts lists the alerts with their ids.

Example:
  agentidp-analytics alert test 0198c7a0-5b1e-7c3d-9a53-2f6f0c1d4e8a --tenant acme`,
      )
      .action(async (id: string, { tenant }: { tenant: string }) => {
        await withSession(async ({ pool, services }) => {
          const trial = await services.alerts.try(pool, tenant, id.toLowerCase());
          process.stdout.write(
            linesOf(trial)
              .map((line) => `${printable(line)}\n`)
              .join(''),
          );
        });
      }),
  );
}

function alertId(text: string): string {
  if (isUuid(text)) return text;
  throw new InvalidArgumentError('An alert id is a UUID.');
}

function linesOf({ rule, state, from, to, instances, message, error }: Trial): string[] {
  const groups = rule.settings.condition.group_by ?? [];
  return [
    `${rule.settings.name}: ${state}, from ${formatTime(from)} to ${formatTime(to)}`,
    ...(message === null ? ['nothing to evaluate'] : [message.summary]),
    ...(error === null ? [] : [error]),
    ...(groups.length === 0
      ? []
      : instances
          .slice(0, SHOWN)
          .map(
            ({ labels, state: each, value }) =>
              `  ${groups.map((name) => labelText(labels, name)).join(', ')}: ${each}, ${value ?? 'no data'}`,
          )),
    ...(groups.length > 0 && instances.length > SHOWN
      ? [`  and ${instances.length - SHOWN} more groups`]
      : []),
  ];
}
