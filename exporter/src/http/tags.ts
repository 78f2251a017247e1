/** The groups of routes in the OpenAPI document, in the order in which it lists them. */
export const TAGS = {
  'Events in': 'Events of what agents do.',
  'Executions in': 'What agents run, with steps and token usages; also over OTLP.',
  'Identity usage': 'Tokens, activity, rotations and call patterns.',
  'Agents, usage and teams': 'What agents, tools and users did, each beside the period before.',
  Directory: 'Who the ids of agents and users are.',
  Query: 'Any metric of the catalog, by any of its dimensions.',
  'Executions and cost': 'Executions, what they cost, and prices.',
  Sessions: 'Sessions of executions: how long they take, what is done in them, and where they end.',
  Live: 'Figures that are sent as they change.',
  'Custom dashboards': 'Dashboards of your own, and Grafana.',
  Budgets: 'Limits on spend, and reservations.',
  Channels: 'Where messages go: mail, Slack, webhooks, PagerDuty and Alertmanager.',
  Alerts: 'Rules over metrics that send messages.',
  Exports: 'Datasets as files.',
  Reports: 'Figures of the last days, on a schedule, by mail and to channels.',
  Operations: 'Health, Prometheus, jobs.',
} as const;

export type Tag = keyof typeof TAGS;
