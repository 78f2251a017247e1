import { PanelBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, type PanelSpec } from './panel.js';

/** Grafana's view of one trace: its spans as they nest and follow each other. */
export function traces(spec: PanelSpec): PanelBuilder {
  return describe(new PanelBuilder().type('traces'), spec);
}
