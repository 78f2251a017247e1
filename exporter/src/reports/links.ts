/** Links into Grafana, to the dashboards that come with the project, at the period of a report. */
import type { Range } from '../query/segments.js';
import { type Dashboard, DASHBOARDS } from './templates.js';

export class Links {
  constructor(
    private readonly grafanaUrl: string | undefined,
    private readonly range: Range,
  ) {}

  /** Null without Grafana. */
  to(dashboard: Dashboard, variables: Readonly<Record<string, string>> = {}): string | null {
    if (this.grafanaUrl === undefined) return null;
    const parameters = new URLSearchParams({
      from: String(this.range.from),
      to: String(this.range.to),
      ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`var-${name}`, value])),
    });
    return `${this.grafanaUrl.replace(/\/+$/, '')}/d/${DASHBOARDS[dashboard]}?${parameters.toString()}`;
  }

  toAgent(agentId: string | null, otherwise: Dashboard): string | null {
    return agentId === null ? this.to(otherwise) : this.to('agent', { agent: agentId });
  }
}
