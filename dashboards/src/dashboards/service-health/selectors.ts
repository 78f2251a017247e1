import { VARIABLE } from 'agentidp-analytics-panels/names';

/** Names of the scrape jobs in provisioning/prometheus. */
export const SERVICE_JOB = 'agentidp';
export const TENANTS_JOB = 'agentidp-tenants';

/** Scrape interval of the tenant metrics. The service metrics are scraped twice as often. */
export const TENANTS_STEP = '30s';

/** Label matchers for the service metrics of the selected replicas. */
export const SERVICE = `job="${SERVICE_JOB}",instance=~"$${VARIABLE.instance}"`;
/** Label matchers for the metrics of the selected tenants. */
export const TENANTS = `job="${TENANTS_JOB}",tenant=~"$${VARIABLE.tenant}"`;

/** At least four scrape intervals, and at least the panel's step. */
const RATE = '$__rate_interval';

/** Per-second rate of a service counter, by instance and its own labels. */
export function rate(metric: string, matchers = ''): string {
  return `rate(${metric}{${SERVICE}${matchers && `,${matchers}`}}[${RATE}])`;
}

/** Per-second rate of a tenant counter. All replicas expose the same values, so the maximum is used. */
export function tenantRate(metric: string): string {
  return `max without (instance) (rate(${metric}{${TENANTS}}[${RATE}]))`;
}

/** A quantile of a service histogram over all replicas, optionally by labels. */
export function quantile(q: number, metric: string, by: string[] = []): string {
  return `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (${rate(`${metric}_bucket`)}))`;
}
