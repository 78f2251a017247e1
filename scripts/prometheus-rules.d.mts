export interface PrometheusRule {
  file: string;
  group: string;
  record?: string;
  alert?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}
export const PROMETHEUS_DIR: string;
export function readYamlFiles(
  folder: string,
  dir?: string,
): Array<{ name: string; file: string; content: unknown }>;
export function readRules(dir?: string): PrometheusRule[];
export function metricsIn(expr: string): Set<string>;
export function metricsEmitted(text: string): Set<string>;
export function missingMetrics(exposition: string, rules?: PrometheusRule[]): string[];
