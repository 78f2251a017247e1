/** The business metrics: rendered once per snapshot and tenant selection, so a scrape costs a copy of bytes. */
import { METRICS } from '../catalog/index.js';
import { type AgentFigures, bounded, type BusinessSnapshot, snapshotOf } from '../rollup/snapshot.js';

/** Every counted metric of the catalog is a counter; the totals bear its name. */
const COUNTERS = METRICS.filter(({ formula }) => formula.op === 'sum').map(({ name, description }) => ({
  name: `agentidp_${name}_total`,
  help: description,
  total: name,
}));

/** Gauges by the time that they show, unix seconds. */
const TIMES: readonly { name: string; help: string; time: (figures: AgentFigures) => number | undefined }[] =
  [
    {
      name: 'agentidp_credential_last_rotation_timestamp_seconds',
      help: 'Last credential rotation, or first sign of an agent that never rotated; of agent="other" the oldest.',
      time: (figures) => figures.lastRotatedAt,
    },
    {
      name: 'agentidp_agent_last_seen_timestamp_seconds',
      help: 'Last event of an agent; of agent="other" the latest.',
      time: (figures) => figures.lastSeenAt,
    },
  ];

const ACTIVE = {
  name: 'agentidp_active_agents',
  help: 'Agents of a tenant with an event within the last 24 hours.',
};

const escaped = (value: string): string =>
  value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));

/**
 * The text exposition format. Written here rather than by prom-client, which would build and hash the same labels anew
 * for each of the seven metrics of an agent: rendering blocks whatever else the process has to do.
 */
export function renderBusiness(snapshot: BusinessSnapshot): string {
  const agents = snapshot.agents.map((figures) => ({
    figures,
    labels: `{tenant="${escaped(figures.tenant)}",agent="${escaped(figures.agent)}"}`,
  }));
  const blocks = [
    ...COUNTERS.map(({ name, help, total }) =>
      block(
        name,
        help,
        'counter',
        agents.map(({ figures, labels }) => `${name}${labels} ${figures.totals[total] ?? 0}`),
      ),
    ),
    ...TIMES.map(({ name, help, time }) =>
      block(
        name,
        help,
        'gauge',
        agents.flatMap(({ figures, labels }) => {
          const at = time(figures);
          return at === undefined ? [] : [`${name}${labels} ${at / 1000}`];
        }),
      ),
    ),
    block(
      ACTIVE.name,
      ACTIVE.help,
      'gauge',
      [...snapshot.activeAgents].map(
        ([tenant, count]) => `${ACTIVE.name}{tenant="${escaped(tenant)}"} ${count}`,
      ),
    ),
  ];
  return blocks.join('\n');
}

function block(name: string, help: string, type: 'counter' | 'gauge', samples: readonly string[]): string {
  const text = help.replace(/[\\\n]/g, (char) => (char === '\n' ? '\\n' : '\\\\'));
  return [`# HELP ${name} ${text}`, `# TYPE ${name} ${type}`, ...samples, ''].join('\n');
}

export const BUSINESS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Keeps the text of the newest snapshot. */
export class BusinessMetrics {
  private rendered: { snapshot: BusinessSnapshot; text: string } | undefined;

  constructor(private readonly current: () => BusinessSnapshot | undefined) {}

  /** Every tenant's metrics; undefined until the first rollup has left a snapshot. */
  all(): string | undefined {
    const snapshot = this.current();
    if (snapshot === undefined) return undefined;
    if (this.rendered?.snapshot !== snapshot) {
      this.rendered = { snapshot, text: renderBusiness(bounded(snapshot)) };
    }
    return this.rendered.text;
  }

  /** One tenant's metrics. */
  of(tenantId: string): string | undefined {
    const snapshot = this.current();
    return snapshot === undefined ? undefined : renderBusiness(snapshotOf(snapshot, tenantId));
  }
}
