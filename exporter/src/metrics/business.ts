/** The business metrics: rendered once per snapshot and tenant selection, so a scrape costs a copy of bytes. */
import { type Measure, METRIC_TYPES, METRICS } from '../catalog/index.js';
import { type ExecutionSnapshot, severityOf } from '../rollup/execution-snapshot.js';
import { type AgentFigures, bounded, type BusinessSnapshot, snapshotOf } from '../rollup/snapshot.js';

/** What is counted of events, by agent. */
const OF_EVENTS: readonly Measure[] = [...Object.values(METRIC_TYPES), 'errors'];

/** Every counted metric of events in the catalog is a counter; the totals bear its name. */
const COUNTERS = METRICS.filter(({ formula }) => formula.op === 'sum' && OF_EVENTS.includes(formula.of)).map(
  ({ name, description }) => ({
    name: `agentidp_${name}_total`,
    help: description,
    total: name,
  }),
);

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

/** Gauges with one value a tenant. */
const OF_TENANTS: readonly {
  name: string;
  help: string;
  figures: (snapshot: BusinessSnapshot) => ReadonlyMap<string, number>;
}[] = [
  {
    name: 'agentidp_active_agents',
    help: 'Agents of a tenant with an event within the last 24 hours.',
    figures: ({ activeAgents }) => activeAgents,
  },
  {
    name: 'agentidp_credential_overdue_agents',
    help: 'Agents of a tenant whose credential is older than ROTATION_MAX_AGE_DAYS, with or without a series of their own.',
    figures: ({ overdueAgents }) => overdueAgents,
  },
  {
    name: 'agentidp_rollup_lag_seconds',
    help: 'Age of the oldest event of a tenant that was not rolled up when the snapshot was taken; of tenant="other" the oldest.',
    figures: ({ lagSeconds }) => lagSeconds,
  },
];

const OLDEST = {
  name: 'agentidp_credential_oldest_rotation_timestamp_seconds',
  help: 'The agent of a tenant whose last credential rotation, or first sign if it never rotated, is the oldest.',
};

type Labels = Record<string, string>;

interface Family {
  name: string;
  help: string;
  type: 'counter' | 'gauge';
  samples: (figures: ExecutionSnapshot) => [Labels, number][];
}

/** Of executions, budgets and alerts. */
const FAMILIES: readonly Family[] = [
  {
    name: 'agentidp_executions_total',
    help: 'Finished executions by outcome.',
    type: 'counter',
    samples: ({ executions }) =>
      executions.map(({ tenant, agent, status, executions }) => [{ tenant, agent, status }, executions]),
  },
  {
    name: 'agentidp_tokens_total',
    help: 'Tokens of executions, sent to a model (input) and made by it (output); model="other" is all but the largest.',
    type: 'counter',
    samples: ({ models }) =>
      models.flatMap(({ tenant, model, inputTokens, outputTokens }): [Labels, number][] => [
        [{ tenant, model, direction: 'input' }, inputTokens],
        [{ tenant, model, direction: 'output' }, outputTokens],
      ]),
  },
  {
    name: 'agentidp_cost_usd_total',
    help: 'Cost of executions, without those whose price is not known.',
    type: 'counter',
    samples: ({ models }) => models.map(({ tenant, model, costUsd }) => [{ tenant, model }, costUsd]),
  },
  {
    name: 'agentidp_budget_spend_ratio',
    help: 'Spend of an active budget by its threshold, 1 where it is used up; of budget="other" the highest.',
    type: 'gauge',
    samples: ({ budgets }) => budgets.map(({ tenant, budget, ratio }) => [{ tenant, budget }, ratio]),
  },
  {
    name: 'agentidp_budget_state',
    help: 'State of an active budget: 0 ok, 1 warning, 2 exceeded; of budget="other" the worst.',
    type: 'gauge',
    samples: ({ budgets }) =>
      budgets.map(({ tenant, budget, state }) => [{ tenant, budget }, severityOf(state)]),
  },
  {
    name: 'agentidp_alert_state',
    help: 'State of an active alert: 0 ok or no data, 1 pending, 2 firing; of alert="other" the worst.',
    type: 'gauge',
    samples: ({ alerts }) => alerts.map(({ tenant, alert, level }) => [{ tenant, alert }, level]),
  },
  {
    name: 'agentidp_alert_value',
    help: 'Value of an active alert when it was last evaluated, of a grouped one that of its most relevant group.',
    type: 'gauge',
    samples: ({ alerts }) =>
      alerts.flatMap(({ tenant, alert, value }): [Labels, number][] =>
        value === null ? [] : [[{ tenant, alert }, value]],
      ),
  },
  {
    name: 'agentidp_budget_mails',
    help: 'Mails of budget notifications that are not out: not tried yet (waiting), or tried in vain (failing).',
    type: 'gauge',
    samples: ({ mails }) =>
      mails.flatMap(({ tenant, waiting, failing }): [Labels, number][] => [
        [{ tenant, state: 'waiting' }, waiting],
        [{ tenant, state: 'failing' }, failing],
      ]),
  },
  {
    name: 'agentidp_deliveries',
    help: 'Messages to channels and recipients that are not out, by type of channel: not tried yet (waiting), or tried in vain (failing).',
    type: 'gauge',
    samples: ({ deliveries }) =>
      deliveries.flatMap(({ tenant, type, waiting, failing }): [Labels, number][] => [
        [{ tenant, type, state: 'waiting' }, waiting],
        [{ tenant, type, state: 'failing' }, failing],
      ]),
  },
];

const written = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');

const escaped = (value: string): string =>
  value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));

/**
 * The text exposition format. Written here rather than by prom-client, which would build and hash the same labels anew
 * for each of the seven metrics of an agent: rendering blocks whatever else the process has to do.
 */
function renderBusiness(snapshot: BusinessSnapshot): string {
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
    ...OF_TENANTS.map(({ name, help, figures }) =>
      block(
        name,
        help,
        'gauge',
        [...figures(snapshot)].map(([tenant, value]) => `${name}{${written({ tenant })}} ${value}`),
      ),
    ),
    block(
      OLDEST.name,
      OLDEST.help,
      'gauge',
      snapshot.oldestCredentials.map(
        ({ tenant, agent, rotatedAt }) => `${OLDEST.name}{${written({ tenant, agent })}} ${rotatedAt / 1000}`,
      ),
    ),
    ...FAMILIES.map(({ name, help, type, samples }) =>
      block(
        name,
        help,
        type,
        samples(snapshot.execution).map(([labels, value]) => `${name}{${written(labels)}} ${value}`),
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
