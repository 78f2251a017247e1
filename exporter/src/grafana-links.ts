/** Links into Grafana, to the dashboards that come with the project, at a period. */
import { DASHBOARD_UID } from 'agentidp-analytics-panels/names';

export type Dashboard = keyof typeof DASHBOARD_UID;

export class Links {
  /** @param range milliseconds */
  constructor(
    private readonly grafanaUrl: string | undefined,
    private readonly range: { from: number; to: number },
  ) {}

  /** Null without Grafana. */
  to(dashboard: Dashboard, variables: Readonly<Record<string, string>> = {}): string | null {
    if (this.grafanaUrl === undefined) return null;
    const parameters = new URLSearchParams({
      from: String(this.range.from),
      to: String(this.range.to),
      ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`var-${name}`, value])),
    });
    return `${this.grafanaUrl.replace(/\/+$/, '')}/d/${DASHBOARD_UID[dashboard]}?${parameters.toString()}`;
  }

  toAgent(agentId: string | null, otherwise: Dashboard): string | null {
    return agentId === null ? this.to(otherwise) : this.to('agentDetail', { agent: agentId });
  }
}
