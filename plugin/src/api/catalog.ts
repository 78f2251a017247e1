import type { Catalog, Metric } from './types';

export function findMetric(catalog: Catalog | undefined, name: string): Metric | undefined {
  return catalog?.metrics.find((metric) => metric.name === name);
}

/** The title of a dimension; its name if the catalog does not contain it. */
export function dimensionTitle(catalog: Catalog | undefined, dimension: string): string {
  return catalog?.dimensions.find(({ name }) => name === dimension)?.title ?? dimension;
}

/** The metric of a name or of one of its other names. */
export function metricNamed(catalog: Catalog | undefined, name: string): Metric | undefined {
  return findMetric(catalog, name) ?? catalog?.metrics.find(({ aliases }) => aliases?.includes(name));
}
