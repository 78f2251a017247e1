/** Reads the Prometheus rules, and checks that the metrics they use exist. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';

export const PROMETHEUS_DIR = fileURLToPath(new URL('../provisioning/prometheus', import.meta.url));

/** Metrics that Prometheus itself writes, for every target and every alert. */
const BUILT_IN = /^(up|ALERTS|ALERTS_FOR_STATE|scrape_.+)$/;

/** YAML files of a directory in provisioning/prometheus, with their content. */
export function readYamlFiles(folder, dir = PROMETHEUS_DIR) {
  const names = readdirSync(path.join(dir, folder)).filter((name) => name.endsWith('.yml'));
  // Aliases and merge keys are supported, as in Prometheus.
  return names.sort().map((name) => {
    const file = path.join(dir, folder, name);
    return { name: `${folder}/${name}`, file, content: parse(readFileSync(file, 'utf8'), { merge: true }) };
  });
}

/**
 * All recording and alerting rules, in the order of the files.
 * @returns {Array<{ file: string, group: string, record?: string, alert?: string, expr: string, for?: string,
 *   labels?: Record<string, string>, annotations?: Record<string, string> }>}
 */
export function readRules(dir = PROMETHEUS_DIR) {
  return readYamlFiles('rules', dir).flatMap(({ name, content }) =>
    content.groups.flatMap((group) =>
      group.rules.map((rule) => ({ ...rule, file: name, group: group.name })),
    ),
  );
}

/**
 * Names of the metrics that a PromQL expression selects.
 * @param {string} expr
 * @returns {Set<string>}
 * @throws Error for invalid PromQL, and for selectors by __name__, which cannot be checked
 */
export function metricsIn(expr) {
  const names = new Set();
  parser.parse(expr).iterate({
    enter(node) {
      const text = expr.slice(node.from, node.to);
      if (node.type.isError) throw new Error(`invalid PromQL at ${node.from}: ${expr}`);
      if (node.name === 'LabelName' && text === '__name__') throw new Error(`selects by __name__: ${expr}`);
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector') names.add(text);
    },
  });
  return names;
}

/**
 * Names of the series of an exposition (Prometheus text format), including those that `# TYPE` declares without a sample.
 * @param {string} text
 * @returns {Set<string>}
 */
export function metricsEmitted(text) {
  const names = new Set();
  for (const line of text.split('\n')) {
    const [, declared, type] = /^# TYPE (\S+) (\S+)/.exec(line) ?? [];
    if (declared !== undefined) {
      const suffixes = { histogram: ['_bucket', '_sum', '_count'], summary: ['', '_sum', '_count'] }[
        type
      ] ?? [''];
      for (const suffix of suffixes) names.add(declared + suffix);
    } else {
      const sample = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0];
      if (sample !== undefined) names.add(sample);
    }
  }
  return names;
}

/**
 * Metrics that the rules use, but neither the exposition, nor a recording rule, nor Prometheus itself provides.
 * @param {string} exposition the concatenated texts of /metrics and /metrics/tenants
 * @param {ReturnType<typeof readRules>} [rules]
 * @returns {string[]} one line per metric
 */
export function missingMetrics(exposition, rules = readRules()) {
  const known = metricsEmitted(exposition);
  for (const { record } of rules) if (record !== undefined) known.add(record);
  return rules.flatMap(({ file, record, alert, expr }) =>
    [...metricsIn(expr)]
      .filter((metric) => !known.has(metric) && !BUILT_IN.test(metric))
      .map((metric) => `${file}: ${record ?? alert} uses ${metric}`),
  );
}
