/** Adapts the Prometheus configuration of docker-compose.yml for local processes and promtool. */
import path from 'node:path';
import { parse, stringify } from 'yaml';

/**
 * Replaces the addresses, and makes the paths of rule files absolute, so that the configuration can be in any directory.
 * @param {string} text provisioning/prometheus/prometheus.yml
 * @param {{ folder: string, tokenFile: string, exporter?: string, prometheus?: string, alertmanager?: string | null }} places
 *   `folder`: absolute path of provisioning/prometheus; `tokenFile`: file with METRICS_TOKEN; addresses are
 *   `host:port`, omitted ones are kept; `alertmanager: null` removes Alertmanager
 * @returns {string} YAML
 */
export function relocatePrometheusConfig(text, { folder, tokenFile, exporter, prometheus, alertmanager }) {
  const config = parse(text);
  const addresses = {
    'exporter:3001': exporter,
    '127.0.0.1:9090': prometheus,
    'alertmanager:9093': alertmanager,
  };
  const move = (jobs) =>
    jobs.flatMap((job) => {
      const targets = job.static_configs
        .flatMap((entry) => entry.targets)
        .map((target) => (addresses[target] === undefined ? target : addresses[target]))
        .filter((target) => target !== null);
      if (targets.length === 0) return [];
      const authorization = job.authorization && { ...job.authorization, credentials_file: tokenFile };
      return [{ ...job, ...(authorization && { authorization }), static_configs: [{ targets }] }];
    });
  return stringify({
    ...config,
    rule_files: config.rule_files.map((file) => path.resolve(folder, file)),
    alerting: { alertmanagers: move(config.alerting.alertmanagers) },
    scrape_configs: move(config.scrape_configs),
  });
}
