/** What the routes of alerts share: the form of an alert, in and out. */
import { Type } from 'typebox';
import { DURATION_PATTERN } from '../../alerts/duration.js';
import {
  ALERT_STATES,
  type AlertInput,
  COMPARED_WITH,
  COMPARISONS,
  type Instance,
  type Rule,
  SEVERITIES,
} from '../../alerts/rule.js';
import type { NewAlert } from '../../alerts/settings.js';
import { NO_NUL, UUID_PATTERN } from '../../ids.js';
import { OPERATORS } from '../../query/plan.js';
import { ERROR_CODE, Nullable, Strict, TimeText } from '../../schemas.js';
import { formatTime } from '../../time.js';

const MAX_CHANNELS = 20;
const MAX_MESSAGE = 2_000;

const duration = (description: string, rest: object = {}) =>
  Type.String({ pattern: DURATION_PATTERN, description, ...rest });

const Condition = Strict({
  metric: Type.String({ maxLength: 128, description: 'A metric of the catalog.' }),
  operator: Type.String({
    enum: [...COMPARISONS],
    description: '`no_data`: nothing was counted in the window.',
  }),
  threshold: Type.Optional(
    Nullable(
      Type.Number({
        description:
          'In the unit of the metric; with `compare` a change in percent. Not needed with `no_data`.',
      }),
    ),
  ),
  window: duration('From 1m to 30d: whole minutes, hours or days.', { examples: ['5m'] }),
  group_by: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), {
      maxItems: 10,
      description: 'Dimensions of the metric. Each group has a state and messages of its own.',
    }),
  ),
  filters: Type.Optional(
    Type.Array(
      Strict({
        dimension: Type.String({ maxLength: 64 }),
        operator: Type.String({ maxLength: 16, description: `One of ${OPERATORS.join(', ')}.` }),
        values: Type.Array(Type.Union([Type.String({ maxLength: 2048 }), Type.Integer()]), {
          maxItems: 1_000,
        }),
      }),
      { maxItems: 50 },
    ),
  ),
  compare: Type.Optional(
    Type.String({
      enum: [...COMPARED_WITH],
      description: 'Compares with the window before, or with the same window 7 days before.',
    }),
  ),
});

const channels = Type.Array(Type.String({ minLength: 1, maxLength: 128, pattern: NO_NUL }), {
  maxItems: MAX_CHANNELS,
  description: 'Names of channels.',
});
const message = Nullable(
  Type.String({
    minLength: 1,
    maxLength: MAX_MESSAGE,
    pattern: NO_NUL,
    description:
      'May contain {{value}}, {{threshold}}, {{name}}, {{severity}}, {{metric}}, {{operator}}, {{window}}, {{samples}} and the dimensions of the metric, such as {{agent}}. Null: a sentence of the service.',
  }),
);

export const settings = {
  name: Type.String({ minLength: 1, maxLength: 200, pattern: NO_NUL }),
  condition: Condition,
  for: duration('How long the condition must hold before the alert fires.', { default: '0m' }),
  severity: Type.String({ enum: [...SEVERITIES], default: 'warning' }),
  actions: Strict({ channels: Type.Optional(channels), message: Type.Optional(message) }),
  repeat_interval: duration('How often the message of a firing alert is repeated; 0: never.', {
    default: '4h',
  }),
  is_active: Type.Boolean({ default: true, description: 'An inactive alert is not evaluated.' }),
};

const optional = {
  for: Type.Optional(settings.for),
  severity: Type.Optional(settings.severity),
  actions: Type.Optional(settings.actions),
  repeat_interval: Type.Optional(settings.repeat_interval),
  is_active: Type.Optional(settings.is_active),
};
export const NewAlertBody = Strict({ name: settings.name, condition: settings.condition, ...optional });
export const ChangedAlertBody = Strict({
  name: Type.Optional(settings.name),
  condition: Type.Optional(settings.condition),
  ...optional,
});

export const alertState = Type.String({
  enum: [...ALERT_STATES],
  description:
    '`pending`: the condition holds, not for long enough. `no_data`: nothing to compare. With groups the worst of theirs.',
});
export const value = Nullable(
  Type.Number({
    description:
      'In the unit of the metric; with `compare` a change in percent. With groups the most relevant.',
  }),
);
export const samples = Nullable(
  Type.Number({ description: 'How much a rate, mean or percentile has counted; null for other metrics.' }),
);
export const labels = Type.Record(Type.String(), Type.String(), {
  description: 'Dimensions of the group, with the names of agents and users; empty without groups.',
});

export const alert = {
  id: Type.String({ description: 'UUID.' }),
  ...settings,
  actions: Strict({ channels, message }),
  state: alertState,
  value,
  since: Nullable(TimeText('Since when it has this state.')),
  last_evaluated_at: Nullable(
    TimeText('When it was last evaluated over a new minute, or with another result.'),
  ),
  last_error: Nullable(Type.String({ description: 'Why it could not be evaluated, or not completely.' })),
};
export const Alert = Strict(alert);

export const instances = Type.Array(
  Strict({
    labels,
    state: alertState,
    value,
    samples,
    since: TimeText('Since when it has this state.'),
  }),
  { description: 'One for each group.' },
);

export const AlertParams = Strict({
  id: Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'NOT_FOUND', description: 'The alert.' }),
});

const timeOrNull = (at: number | null): string | null => (at === null ? null : formatTime(at));

export const viewOf = ({
  id,
  settings: set,
  state,
  value: found,
  since,
  lastEvaluatedAt,
  lastError,
}: Rule) => ({
  id,
  ...set,
  state,
  value: found,
  since: timeOrNull(since),
  last_evaluated_at: timeOrNull(lastEvaluatedAt),
  last_error: lastError,
});

export const instanceView = ({ labels: of, state, value: found, samples: counted, since }: Instance) => ({
  ...{ labels: of, state, value: found, samples: counted },
  since: formatTime(since),
});

/** The body with the types of its enums, which the schema has checked. */
export const newAlertOf = (body: object): NewAlert => body as NewAlert;
export const inputOf = (body: object): AlertInput => body as AlertInput;
