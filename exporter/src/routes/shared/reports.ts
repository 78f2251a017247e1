/** What the routes about reports share: their settings, their runs, and answers in several formats. */
import { Type } from 'typebox';
import { type PeriodName, PERIODS } from '../../query/executions/period.js';
import {
  MAX_CHANNELS,
  MAX_FILTER_VALUES,
  MAX_GROUP_BY,
  MAX_METRICS,
  MAX_RECIPIENTS,
} from '../../reports/bounds.js';
import { FiltersSchema } from '../../reports/content.js';
import { RUN_STATUSES } from '../../reports/runs.js';
import { SCHEDULE_NAMES } from '../../reports/schedule.js';
import { TEMPLATE_NAMES, type TemplateName } from '../../reports/templates.js';
import { NO_NUL, UUID_PATTERN } from '../../ids.js';
import { ERROR_CODE, Id, Nullable, Strict, TimeText } from '../../schemas.js';

export const tag = 'Reports';

const MAX_NAME = 200;
const name = Type.String({ minLength: 1, maxLength: MAX_NAME, pattern: NO_NUL });
const template = Nullable(
  Type.Unsafe<TemplateName>(
    Type.String({ enum: [...TEMPLATE_NAMES], description: 'Null for a report of `metrics` alone.' }),
  ),
);
const metrics = Type.Array(Type.String({ maxLength: 128 }), {
  maxItems: MAX_METRICS,
  description: 'Metrics of the catalog, in addition to those of the template.',
});
const dimension = Type.String({ maxLength: 64 });
const groupBy = Type.Array(dimension, {
  maxItems: MAX_GROUP_BY,
  description: 'Dimensions by which `metrics` are shown in a table.',
});
const values = (item: ReturnType<typeof Id>) =>
  Type.Optional(Type.Array(item, { maxItems: MAX_FILTER_VALUES, uniqueItems: true }));
const text = Type.String({ minLength: 1, maxLength: 256, pattern: NO_NUL });
const filterProperties = {
  agent_tags: values(text),
  agent_ids: values(Id('An agent.')),
  environments: values(text),
};
export const periodProperty = Type.Optional(
  Type.Unsafe<PeriodName>(
    Type.String({
      enum: [...PERIODS],
      default: '7d',
      description: 'The last whole days in the time zone; `24h` is the last one.',
    }),
  ),
);
const filters = Strict({ ...filterProperties, period: periodProperty });
const schedule = Nullable(
  Type.String({
    maxLength: 128,
    description: `${SCHEDULE_NAMES.join(', ')}, at 07:00, or a cron expression of five fields, in the time zone. A weekly report is of Monday, a monthly one of the 1st. Null: only when it is asked for.`,
  }),
);
const timeZone = Type.String({ maxLength: 64, description: 'IANA name.' });
const recipients = Type.Array(Type.String({ format: 'email', maxLength: 254 }), {
  maxItems: MAX_RECIPIENTS,
  uniqueItems: true,
  description: 'Email addresses.',
});
const channels = Type.Array(Type.String({ minLength: 1, maxLength: 128, pattern: NO_NUL }), {
  maxItems: MAX_CHANNELS,
  uniqueItems: true,
  description: 'Names of channels.',
});

export const ReportInputSchema = Strict({
  name: Type.Optional({ ...name, description: 'Default: the title of the template.' }),
  template: Type.Optional(template),
  metrics: Type.Optional(metrics),
  group_by: Type.Optional(
    Type.Union([dimension, groupBy], { description: 'A dimension, or a list of them.' }),
  ),
  filters: Type.Optional(filters),
  schedule: Type.Optional(schedule),
  time_zone: Type.Optional({ ...timeZone, default: 'UTC' }),
  recipients: Type.Optional(recipients),
  channels: Type.Optional(channels),
});

export const RunSchema = {
  id: Type.String({ description: 'UUID.' }),
  report_id: Type.String(),
  status: Type.String({ enum: [...RUN_STATUSES] }),
  scheduled_for: Nullable(TimeText('The time of its schedule; null for a run that was asked for.')),
  period: Strict({
    from: TimeText('Begin, included.'),
    to: TimeText('End, excluded.'),
    time_zone: Type.String(),
  }),
  created_at: TimeText('When it was asked for, or found due.'),
  started_at: Nullable(TimeText('When it began.')),
  finished_at: Nullable(TimeText('When it ended.')),
  error: Nullable(Type.String({ description: 'Why it failed, or failed before it is tried again.' })),
};
export const Run = Strict(RunSchema);

export const Report = Strict({
  id: Type.String({ description: 'UUID.' }),
  name,
  template,
  metrics,
  group_by: groupBy,
  filters: FiltersSchema,
  schedule,
  time_zone: timeZone,
  recipients,
  channels,
  next_run_at: Nullable(TimeText('Null without a schedule.')),
  last_run: Nullable(Run),
});

const missing = (description: string) =>
  Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'NOT_FOUND', description });
export const reportParams = { id: missing('The report.') };
export const runParams = { ...reportParams, run: missing('The run.') };

export const pageParameters = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 100 })),
};
export const DEFAULT_PAGE = 100;

/** An HTML page of figures and texts that others have named: no script, and nothing from elsewhere. */
export const HTML_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups",
};
