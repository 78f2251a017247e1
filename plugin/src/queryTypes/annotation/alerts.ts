/** Changes of the state of alerts: when they began to fire, and when they were resolved. */
import { FieldType, textUtil, type DataFrame } from '@grafana/data';
import { map, type Observable } from 'rxjs';
import type { AnalyticsClient } from '../../api/client';
import type { AlertEvent } from '../../api/types';
import { readPages } from '../../queries/pages';

/** Number of events that are read. More marks would hide the graph. */
const MAX_EVENTS = 1_000;

export function alertStateFrames(
  refId: string,
  range: { from: string; to: string },
  client: AnalyticsClient,
): Observable<DataFrame[]> {
  return readPages(
    ({ size, cursor }) => client.alertEvents({ ...range, limit: size, cursor }),
    ({ events }) => events,
    { limit: MAX_EVENTS, pageSize: MAX_EVENTS },
  ).pipe(map(({ items }) => framesOf(refId, items.filter(isShown))));
}

/** Whether it began to fire or ceased to. What is pending may never fire. */
const isShown = ({ from, to }: AlertEvent) => from === 'firing' || to === 'firing';

function framesOf(refId: string, events: AlertEvent[]): DataFrame[] {
  if (events.length === 0) {
    return [];
  }
  const column = (name: string, type: FieldType, valueOf: (event: AlertEvent) => unknown) => ({
    name,
    type,
    config: {},
    values: events.map(valueOf),
  });
  return [
    {
      refId,
      length: events.length,
      fields: [
        column('time', FieldType.time, ({ at }) => Date.parse(at)),
        column('title', FieldType.string, titleOf),
        // Grafana renders the text as HTML, and the name of an agent can be any text.
        column('text', FieldType.string, (event) => textUtil.escapeHtml(textOf(event))),
        column('tags', FieldType.string, ({ to, severity }) => `alert,${severity},${to}`),
      ],
    },
  ];
}

const titleOf = ({ alert_name, to }: AlertEvent) =>
  `${alert_name}: ${to === 'firing' ? 'firing' : 'resolved'}`;

function textOf({ labels, value }: AlertEvent): string {
  const group = Object.entries(labels).map(([name, label]) => `${name} ${label}`);
  return [...group, value === null ? 'no data' : `value ${value}`].join(', ');
}
