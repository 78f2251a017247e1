import { PanelBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { applySpec, type PanelSpec } from 'agentidp-analytics-panels/panel';

/** A traces panel, which shows one trace. */
export function traces(spec: PanelSpec): PanelBuilder {
  return applySpec(new PanelBuilder().type('traces'), spec);
}
