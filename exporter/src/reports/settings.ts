/** What a report is about and who gets it, as it is set over the wire. */
import { findMetric } from '../catalog/index.js';
import { AppError } from '../errors.js';
import { type AllowedRecipients, mayReceive } from '../outbox/recipients.js';
import type { PeriodName } from '../query/executions/period.js';
import { type Filter, planQuery } from '../query/plan.js';
import { isTimeZone } from '../query/zone.js';
import { checkSchedule } from './schedule.js';
import { findTemplate, type TemplateName, TEMPLATES } from './templates.js';

export interface ReportFilters {
  agent_tags?: string[];
  agent_ids?: string[];
  environments?: string[];
  period: PeriodName;
}

/** On the wire. */
export interface ReportSettings {
  name: string;
  template: TemplateName | null;
  metrics: string[];
  group_by: string[];
  filters: ReportFilters;
  schedule: string | null;
  time_zone: string;
  recipients: string[];
  channels: string[];
}

/** What a new report sets, and a changed one may. */
export type ReportInput = Partial<Omit<ReportSettings, 'filters' | 'group_by'>> & {
  group_by?: string | string[];
  filters?: Partial<ReportFilters>;
};

export const DEFAULT_SETTINGS: Omit<ReportSettings, 'name'> = {
  template: null,
  metrics: [],
  group_by: [],
  filters: { period: '7d' },
  schedule: null,
  time_zone: 'UTC',
  recipients: [],
  channels: [],
};

const invalid = (message: string): AppError => new AppError('VALIDATION_ERROR', message);

/** What is given replaces what was, the filters as a whole. */
export function merged(before: ReportSettings, input: ReportInput): ReportSettings {
  const { group_by, filters, ...rest } = input;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...before,
    ...given,
    ...(group_by !== undefined && { group_by: [group_by].flat() }),
    ...(filters !== undefined && { filters: { ...DEFAULT_SETTINGS.filters, ...filters } }),
  };
}

/** That of a report to which nobody has given one. */
export const nameOf = ({ name, template }: ReportSettings): string =>
  name !== '' ? name : template === null ? 'Report' : findTemplate(template).title;

/** The filters of its queries, in the form of `POST /query`. */
export function queryFilters({ agent_tags, agent_ids, environments }: ReportFilters): Filter[] {
  const filter = (dimension: string, values: string[] = []): Filter[] =>
    values.length === 0 ? [] : [{ dimension, operator: 'in', values }];
  return [
    ...filter('agent', agent_ids),
    ...filter('agentTag', agent_tags),
    ...filter('environment', environments),
  ];
}

export const isFiltered = (filters: ReportFilters): boolean => queryFilters(filters).length > 0;

/** @throws AppError VALIDATION_ERROR that says what would be right */
export function checkSettings(settings: ReportSettings, allowed?: AllowedRecipients): void {
  const { template, metrics, group_by, time_zone, schedule, recipients } = settings;
  if (template !== null) findTemplate(template);
  if (template === null && metrics.length === 0)
    throw invalid(
      `a report needs a template (${TEMPLATES.map(({ name }) => name).join(', ')}) or at least one of metrics`,
    );
  if (metrics.length === 0 && group_by.length > 0)
    throw invalid('field group_by is about the metrics of the report: name at least one of them');
  if (!isTimeZone(time_zone))
    throw invalid(`field time_zone must be an IANA name such as Europe/Berlin, not "${time_zone}"`);
  if (schedule !== null) checkSchedule(schedule, time_zone);
  checkMetrics(settings);
  const refused = recipients.find((address) => !mayReceive(allowed, address));
  if (refused !== undefined)
    throw invalid(
      `field recipients: mails to "${refused}" are not allowed; the operator of this service allows ${allowed!.join(', ')}`,
    );
}

/** Each metric must be known, and kept by the groups and filters of the report. */
function checkMetrics({ metrics, group_by, filters }: ReportSettings): void {
  const known = metrics.map((name) => findMetric(name)?.name ?? name);
  if (new Set(known).size !== known.length) throw invalid('field metrics names a metric twice');
  for (const metric of metrics) {
    planQuery(
      { refId: metric, metric, groupBy: group_by, filters: queryFilters(filters) },
      // Whether it can be planned depends on neither tenant nor time.
      { tenantId: '', range: { from: 0, to: 1 }, timeZone: 'UTC', minutesFrom: Infinity, now: 0 },
    );
  }
}
