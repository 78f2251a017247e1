/** The messages of an alert, and the template that its owner may write. */
import { hash } from 'node:crypto';
import { dimensionsOf } from '../aggregates/index.js';
import { DIMENSIONS } from '../catalog/index.js';
import type { MessageContent } from '../outbox/messages.js';
import { formatTime } from '../time.js';
import { linksOf } from './links.js';
import { invalid, type Reading } from './reading.js';
import type { AlertSettings, Labels } from './rule.js';

import type { Observed } from './transition.js';
import { limitText, periodText, samplesText, valueText } from './words.js';

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
/** Of a dimension that the alert is not grouped by. */
const ALL = 'all';

export interface Occasion {
  status: 'firing' | 'resolved';
  /** Why it is resolved, unless the condition no longer holds. */
  reason?: string;
  /** When it began to fire, milliseconds. */
  since: number;
  /** Milliseconds. */
  at: number;
}

type Says = (settings: AlertSettings, reading: Reading, labels: Labels, found: Observed) => string;

const FIGURES: Record<string, Says> = {
  value: ({ condition }, { metric }, _labels, { value }) => valueText(value, metric, condition),
  threshold: ({ condition }, { metric }) => valueText(condition.threshold ?? null, metric, condition),
  name: ({ name }) => name,
  severity: ({ severity }) => severity,
  metric: (_settings, { metric }) => metric.title,
  operator: ({ condition }) => condition.operator,
  window: ({ condition }) => condition.window,
  samples: (_settings, { metric }, _labels, { samples }) => samplesText(samples, metric) ?? '',
};

/** Columns with names, by the dimension whose ids they name. */
const NAMES = new Map(
  DIMENSIONS.flatMap(({ name, names }) => (names === undefined ? [] : [[name as string, names.column]])),
);

/** @throws AppError VALIDATION_ERROR if the template names what there is not */
export function checkTemplate(template: string, { metric }: Reading): void {
  const dimensions = dimensionsOf(metric).map(({ name }) => name as string);
  const known = [
    ...Object.keys(FIGURES),
    ...dimensions,
    ...dimensions.flatMap((name) => NAMES.get(name) ?? []),
  ];
  for (const [, inner] of template.matchAll(PLACEHOLDER)) {
    const name = inner!.trim();
    if (!known.includes(name)) {
      throw invalid(
        `field actions.message: there is no {{${name}}}; there are ${known.map((each) => `{{${each}}}`).join(', ')}`,
      );
    }
  }
}

/** An id with its name, if it has one. */
export function labelText(labels: Labels, dimension: string): string {
  const value = labels[dimension];
  if (value === undefined) return ALL;
  const name = labels[NAMES.get(dimension) ?? ''];
  return name === undefined || name === value ? value : `${name} (${value})`;
}

function rendered(
  template: string,
  settings: AlertSettings,
  reading: Reading,
  labels: Labels,
  found: Observed,
): string {
  return template.replace(PLACEHOLDER, (_whole, inner: string) => {
    const name = inner.trim();
    return FIGURES[name]?.(settings, reading, labels, found) ?? labelText(labels, name);
  });
}

/** Of whom the message is, such as `billing-bot (a1b2)`. */
const subjectOf = (settings: AlertSettings, labels: Labels): string =>
  (settings.condition.group_by ?? []).map((name) => labelText(labels, name)).join(', ');

/** The same for all messages of one group of an alert. */
const dedupKeyOf = (ruleId: string, key: string): string =>
  key === '' ? ruleId : `${ruleId}-${hash('sha256', key).slice(0, 16)}`;

export function contentOf(
  rule: { id: string; settings: AlertSettings },
  reading: Reading,
  group: { key: string; labels: Labels },
  found: Observed,
  occasion: Occasion,
  grafanaUrl: string | undefined,
): MessageContent {
  const { settings } = rule;
  const { condition, name, severity, actions } = settings;
  const { metric } = reading;
  const subject = subjectOf(settings, group.labels);
  const { status, reason, since, at } = occasion;
  const samples = samplesText(found.samples, metric);
  const figures = [
    { title: metric.title, value: valueText(found.value, metric, condition) },
    { title: 'Condition', value: `${limitText(condition, metric)} ${periodText(reading, condition)}` },
    ...(samples === undefined ? [] : [{ title: 'Counted', value: samples }]),
  ];
  const own =
    actions.message === null ? undefined : rendered(actions.message, settings, reading, group.labels, found);
  const counted = samples === undefined ? '' : ` (${samples} counted)`;
  const about = subject === '' ? '' : ` of ${subject}`;
  const sentence =
    found.value === null
      ? `${metric.title}${about}: no data ${periodText(reading, condition)}.`
      : condition.operator === 'no_data' && status === 'firing'
        ? `${metric.title}${about}: nothing counted ${periodText(reading, condition)}.`
        : `${metric.title}${about} is ${valueText(found.value, metric, condition)}${counted} ${periodText(reading, condition)}; the alert fires if it is ${limitText(condition, metric)}.`;
  return {
    title: `${status === 'firing' ? 'Firing' : 'Resolved'}: ${name}${subject === '' ? '' : ` (${subject})`}`,
    summary: reason ?? own ?? sentence,
    severity,
    status,
    dedupKey: dedupKeyOf(rule.id, group.key),
    labels: { alert: name, ...group.labels },
    figures,
    links: linksOf(grafanaUrl, reading, group.labels, { since, at }),
    startsAt: formatTime(since),
    ...(status === 'resolved' && { endsAt: formatTime(at) }),
  };
}
