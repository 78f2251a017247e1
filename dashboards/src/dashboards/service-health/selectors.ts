import { VARIABLE } from '../../lib/names.js';

/** Scrape jobs, as in provisioning/prometheus. */
export const SERVICE_JOB = 'agentidp';
export const TENANTS_JOB = 'agentidp-tenants';

/** Business metrics are scraped every 30 s, half as often as the exporter's own. */
export const TENANTS_STEP = '30s';

/** Label matchers for the exporter's own metrics, of the chosen replicas. */
export const SERVICE = `job="${SERVICE_JOB}",instance=~"$${VARIABLE.instance}"`;
/** Label matchers for the business metrics of the chosen tenants. */
export const TENANTS = `job="${TENANTS_JOB}",tenant=~"$${VARIABLE.tenant}"`;

/** Four scrapes at least, and no less than the panel's step. */
const RATE = '$__rate_interval';

/** Increase a second of a counter of the exporter, by instance and its own labels. */
export function rate(metric: string, matchers = ''): string {
  return `rate(${metric}{${SERVICE}${matchers && `,${matchers}`}}[${RATE}])`;
}

/** Increase a second of a business counter. Every replica shows the same, so one of them is taken. */
export function tenantRate(metric: string): string {
  return `max without (instance) (rate(${metric}{${TENANTS}}[${RATE}]))`;
}

/** A quantile of a histogram of the exporter over all replicas, by labels or in all. */
export function quantile(q: number, metric: string, by: string[] = []): string {
  return `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (${rate(`${metric}_bucket`)}))`;
}
