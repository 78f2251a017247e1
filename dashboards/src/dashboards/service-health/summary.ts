import { COLOR } from 'agentidp-analytics-panels/color';
import { promInstant } from '../../lib/prometheus.js';
import { stat } from 'agentidp-analytics-panels/stat';
import { SERVICE } from './selectors.js';

const figure = { width: 4, height: 4, calc: 'lastNotNull', noValue: 'Not scraped' };
const HOUR = 3600;

export const summaryPanels = [
  stat({
    ...figure,
    title: 'Replicas up',
    description: 'Replicas of the exporter that Prometheus can scrape.',
    unit: 'short',
    thresholds: [COLOR.bad, [1, COLOR.good]],
    targets: [promInstant(`sum(up{${SERVICE}})`, 'Up')],
  }),
  stat({
    ...figure,
    title: 'Server errors',
    description: 'Share of responses with status 500 or higher in the last five minutes of the time range.',
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
    description: 'Share of cacheable reads that were served from the cache.',
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
    description: 'How far the aggregates are behind the events. Usually about the rollup interval.',
    unit: 's',
    thresholds: [COLOR.good, [60, COLOR.warning], [300, COLOR.bad]],
    targets: [promInstant(`max(agentidp_analytics_rollup_lag_seconds{${SERVICE}})`, 'Lag')],
  }),
  stat({
    ...figure,
    title: 'Last nightly run',
    description: 'Time since the last success of the nightly job, which runs at 00:05 UTC by default.',
    noValue: 'No run yet',
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
      'Write requests in the time range that failed with a server error. Nothing of them was acknowledged.',
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
