import { COLOR } from '../../lib/color.js';
import { promInstant } from '../../lib/prometheus.js';
import { stat } from '../../lib/stat.js';
import { SERVICE } from './selectors.js';

const figure = { width: 4, height: 4, calc: 'lastNotNull', noValue: 'Not scraped' };
const HOUR = 3600;

export const summaryPanels = [
  stat({
    ...figure,
    title: 'Replicas up',
    description: 'Replicas of the exporter that Prometheus can scrape now.',
    unit: 'short',
    thresholds: [COLOR.bad, [1, COLOR.good]],
    targets: [promInstant(`sum(up{${SERVICE}})`, 'Up')],
  }),
  stat({
    ...figure,
    title: 'Server errors',
    description:
      'Answers with 500 or more as part of all answers, over the last five minutes of the time range.',
    noValue: 'No requests',
    unit: 'percentunit',
    decimals: 2,
    thresholds: [COLOR.good, [0.001, COLOR.warning], [0.01, COLOR.bad]],
    targets: [
      promInstant(
        `(sum(rate(agentidp_analytics_http_request_duration_seconds_count{${SERVICE},status=~"5.."}[5m])) or vector(0))` +
          ` / (sum(rate(agentidp_analytics_http_request_duration_seconds_count{${SERVICE}}[5m])) > 0)`,
        'Server errors',
      ),
    ],
  }),
  stat({
    ...figure,
    title: 'Cache hit rate',
    description: 'Reads answered from the cache as part of all cacheable reads, over the time range.',
    noValue: 'No reads',
    unit: 'percentunit',
    decimals: 0,
    thresholds: [COLOR.bad, [0.2, COLOR.warning], [0.5, COLOR.good]],
    targets: [
      promInstant(
        `sum(increase(agentidp_analytics_cache_hits_total{${SERVICE}}[$__range])) / ` +
          `(sum(increase(agentidp_analytics_cache_hits_total{${SERVICE}}[$__range])) + ` +
          `sum(increase(agentidp_analytics_cache_misses_total{${SERVICE}}[$__range])) > 0)`,
        'Hit rate',
      ),
    ],
  }),
  stat({
    ...figure,
    title: 'Rollup lag',
    description: 'How far the aggregates may be behind the events; about the rollup interval is usual.',
    unit: 's',
    thresholds: [COLOR.good, [60, COLOR.warning], [300, COLOR.bad]],
    targets: [promInstant(`max(agentidp_analytics_rollup_lag_seconds{${SERVICE}})`, 'Lag')],
  }),
  stat({
    ...figure,
    title: 'Last nightly run',
    description:
      'Time since the nightly job last succeeded; it runs at 00:05 UTC, so more than a day is late.',
    noValue: 'Never ran',
    unit: 's',
    thresholds: [COLOR.good, [25 * HOUR, COLOR.warning], [48 * HOUR, COLOR.bad]],
    targets: [
      promInstant(`time() - max(agentidp_analytics_aggregation_job_last_run{${SERVICE}} > 0)`, 'Age'),
    ],
  }),
  stat({
    ...figure,
    title: 'Ingest failures',
    description:
      'Write requests of the time range that failed on our side; nothing of them was acknowledged.',
    unit: 'short',
    decimals: 0,
    thresholds: [COLOR.good, [1, COLOR.bad]],
    targets: [
      promInstant(
        `sum(increase(agentidp_analytics_ingest_failures_total{${SERVICE}}[$__range]))`,
        'Failures',
      ),
    ],
  }),
];
