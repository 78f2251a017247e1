import { timeSeries } from '../../lib/chart.js';
import { COLOR, set } from '../../lib/color.js';
import { promRange } from '../../lib/prometheus.js';
import { rate, SERVICE } from './selectors.js';

const chart = { width: 8, height: 8, noValue: 'Not scraped in this time range', draw: 'lines' } as const;

export const processPanels = [
  timeSeries({
    ...chart,
    title: 'Database connections',
    description:
      'Connections of the pool, those idle, and requests that wait for one: waiting should stay at zero.',
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
    description: 'Processor time a second of each replica; 1 is one core fully used.',
    unit: 'short',
    targets: [promRange(rate('process_cpu_seconds_total'), '{{instance}}')],
  }),
  timeSeries({
    ...chart,
    title: 'Memory',
    description:
      'Memory of the process as the system counts it, and the part of it that the JavaScript heap uses.',
    unit: 'bytes',
    targets: [
      promRange(`process_resident_memory_bytes{${SERVICE}}`, '{{instance}} resident'),
      promRange(`nodejs_heap_size_used_bytes{${SERVICE}}`, '{{instance}} heap used'),
    ],
  }),
  timeSeries({
    ...chart,
    title: 'Event loop lag',
    description:
      'How late timers fire: 99 of 100 were at most this late. Sustained lag means a busy main thread.',
    unit: 's',
    targets: [promRange(`nodejs_eventloop_lag_p99_seconds{${SERVICE}}`, '{{instance}}')],
  }),
  timeSeries({
    ...chart,
    title: 'Garbage collection',
    description: 'Part of the time spent collecting garbage, by kind of collection.',
    unit: 'percentunit',
    softMax: 0.1,
    targets: [promRange(`sum by (kind) (${rate('nodejs_gc_duration_seconds_sum')})`, '{{kind}}')],
  }),
  timeSeries({
    ...chart,
    title: 'Open files',
    description: 'File descriptors in use, sockets included, beside the limit of the process.',
    unit: 'short',
    targets: [
      promRange(`process_open_fds{${SERVICE}}`, '{{instance}} open'),
      promRange(`process_max_fds{${SERVICE}}`, '{{instance}} limit'),
    ],
    // The limit is usually so far above that the open files would be a flat line at the bottom.
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
