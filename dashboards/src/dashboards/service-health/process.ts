import { timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { promRange } from '../../lib/prometheus.js';
import { rate, SERVICE } from './selectors.js';

const chart = { width: 8, height: 8, noValue: 'Not scraped in this time range', draw: 'lines' } as const;

export const processPanels = [
  timeSeries({
    ...chart,
    title: 'Database connections',
    description:
      'Total and idle connections of the pool, and requests that wait for a connection. Waiting should stay at zero.',
    unit: 'short',
    targets: [promRange(`sum by (state) (agentidp_analytics_db_pool_connections{${SERVICE}})`, '{{state}}')],
    overrides: [
      { field: 'total', properties: [set.color(COLOR.calls)] },
      { field: 'idle', properties: [set.color(COLOR.good)] },
      { field: 'waiting', properties: [set.color(COLOR.bad)] },
    ],
  }),
  timeSeries({
    ...chart,
    title: 'CPU',
    description: 'CPU seconds per second by replica. 1 is one fully used core.',
    unit: 'short',
    targets: [promRange(rate('process_cpu_seconds_total'), '{{instance}}')],
  }),
  timeSeries({
    ...chart,
    title: 'Memory',
    description: 'Resident memory of the process and used JavaScript heap.',
    unit: 'bytes',
    targets: [
      promRange(`process_resident_memory_bytes{${SERVICE}}`, '{{instance}} resident'),
      promRange(`nodejs_heap_size_used_bytes{${SERVICE}}`, '{{instance}} heap used'),
    ],
  }),
  timeSeries({
    ...chart,
    title: 'Event loop lag',
    description: '99th percentile of the event loop lag. A sustained lag means that the main thread is busy.',
    unit: 's',
    targets: [promRange(`nodejs_eventloop_lag_p99_seconds{${SERVICE}}`, '{{instance}}')],
  }),
  timeSeries({
    ...chart,
    title: 'Garbage collection',
    description: 'Share of time spent in garbage collection, by kind.',
    unit: 'percentunit',
    softMax: 0.1,
    targets: [promRange(`sum by (kind) (${rate('nodejs_gc_duration_seconds_sum')})`, '{{kind}}')],
  }),
  timeSeries({
    ...chart,
    title: 'Open files',
    description: 'Open file descriptors, including sockets, and the limit of the process.',
    unit: 'short',
    targets: [
      promRange(`process_open_fds{${SERVICE}}`, '{{instance}} open'),
      promRange(`process_max_fds{${SERVICE}}`, '{{instance}} limit'),
    ],
    // On its own axis, because the limit is usually far above the number of open files.
    overrides: [
      {
        field: { regexp: '/ limit$/' },
        properties: [
          set.color(COLOR.bad),
          set.custom('axisPlacement', 'right'),
          set.custom('fillOpacity', 0),
        ],
      },
    ],
  }),
];
