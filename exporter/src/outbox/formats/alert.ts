/** A message as an alert of Prometheus: labels say what it is about, annotations what has happened. */
import { hash } from 'node:crypto';
import { formatTime } from '../../time.js';
import type { Delivered } from '../delivered.js';
import { figureText } from './mail.js';

export interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string | undefined;
  generatorURL: string;
  isResolved: boolean;
}

const ALERT_NAMES = {
  alert: 'AgentIdpAlert',
  report: 'AgentIdpReport',
  budget: 'AgentIdpBudget',
  test: 'AgentIdpTest',
};

/** Prometheus allows only these characters in names of labels. */
const labelName = (name: string): string => name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_');

const given = (entries: (readonly [string, string | undefined])[]): Record<string, string> =>
  Object.fromEntries(
    entries.filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );

export function alertOf({ tenantId, kind, createdAt, content }: Delivered): Alert {
  const { title, summary, severity, dedupKey, figures, links, status, startsAt, endsAt } = content;
  const labels = given([
    ['alertname', ALERT_NAMES[kind]],
    ...Object.entries(content.labels).map(([name, value]) => [labelName(name), value] as const),
    ['severity', severity],
    ['tenant', tenantId],
    // Two of the same kind may have the same labels.
    ['dedup_key', dedupKey],
  ]);
  const description = figures.map((figure) => `${figure.title}: ${figureText(figure)}`).join('\n');
  return {
    labels,
    annotations: given([
      ['title', title],
      ['summary', summary],
      ['description', description],
    ]),
    startsAt: startsAt ?? formatTime(createdAt.getTime()),
    endsAt: endsAt ?? (status === 'resolved' ? formatTime(createdAt.getTime()) : undefined),
    generatorURL: links[0]?.url ?? '',
    isResolved: status === 'resolved',
  };
}

/** The same for the same labels. */
export const fingerprintOf = ({ labels }: Alert): string =>
  hash('sha256', JSON.stringify(Object.entries(labels).sort())).slice(0, 16);
