import { PanelBuilder, ZoomMode } from '@grafana/grafana-foundation-sdk/nodegraph';
import { applySpec, type PanelSpec } from 'agentidp-analytics-panels/panel';

/** Nodes and the edges between them, from left to right. */
export function nodeGraph(spec: PanelSpec): PanelBuilder {
  return applySpec(new PanelBuilder(), spec).zoomMode(ZoomMode.Cooperative);
}
