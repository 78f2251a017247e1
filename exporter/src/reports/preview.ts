/** A report that is only looked at. */
import { AppError } from '../errors.js';
import type { PeriodName } from '../query/executions/period.js';
import { type BuildRequest, buildReport } from './build.js';
import { MAX_FILTER_VALUES, MAX_GROUP_BY, MAX_METRICS } from './bounds.js';
import type { ReportContent } from './content.js';
import { DAYS, lastWholeDays } from './period.js';
import { checkSettings, DEFAULT_SETTINGS, merged, nameOf, type ReportSettings } from './settings.js';
import type { TemplateName } from './templates.js';

/** Lists are separated by commas. */
export interface PreviewInput {
  template?: TemplateName;
  metrics?: string;
  group_by?: string;
  period?: PeriodName;
  time_zone?: string;
  agent_ids?: string;
  agent_tags?: string;
  environments?: string;
}

/** @throws AppError VALIDATION_ERROR */
export function previewSettings(input: PreviewInput): ReportSettings {
  const list = (name: keyof PreviewInput, most: number): string[] | undefined => {
    const items = input[name]?.split(',').filter((item) => item !== '');
    if (items !== undefined && items.length > most)
      throw new AppError(
        'VALIDATION_ERROR',
        `parameter ${name} has ${items.length} items; it may have at most ${most}`,
      );
    return items;
  };
  const { metrics, template = metrics === undefined ? 'executive_summary' : undefined } = input;
  const settings = merged(
    { ...DEFAULT_SETTINGS, name: '' },
    {
      template,
      metrics: list('metrics', MAX_METRICS),
      group_by: list('group_by', MAX_GROUP_BY),
      time_zone: input.time_zone,
      filters: {
        ...(input.period !== undefined && { period: input.period }),
        agent_ids: list('agent_ids', MAX_FILTER_VALUES),
        agent_tags: list('agent_tags', MAX_FILTER_VALUES),
        environments: list('environments', MAX_FILTER_VALUES),
      },
    },
  );
  checkSettings(settings);
  return { ...settings, name: nameOf(settings) };
}

/** Of the last whole days. */
export function previewReport(request: Omit<BuildRequest, 'range'>): Promise<ReportContent> {
  const { settings, now } = request;
  const range = lastWholeDays(now, DAYS[settings.filters.period], settings.time_zone);
  return buildReport({ ...request, range });
}
