import { execution } from '../lib/analytics.js';
import { jobFailureAnnotation } from '../lib/annotations.js';
import { COLOR, set, STATUS_COLORS } from '../lib/color.js';
import { buildDashboard } from '../lib/dashboard.js';
import { backTo, dashboardDropdown } from '../lib/links.js';
import { DASHBOARD_UID } from '../lib/names.js';
import { stat } from '../lib/stat.js';
import { cell, table } from '../lib/table.js';
import { traces } from '../lib/traces.js';
import { arrange } from '../lib/transformations.js';
import { datasourceVariable, executionVariable } from '../lib/variables.js';

const NONE = 'Choose an execution: click one on the dashboard Executions, or paste its id above';
const summary = { width: 4, height: 3, noValue: '–', calc: 'lastNotNull', targets: [execution('summary')] };

const figures = [
  stat({
    ...summary,
    title: 'Status',
    description: 'How the execution ended, or that it still runs.',
    unit: 'string',
    fields: '/^Status$/',
    mappings: STATUS_COLORS,
  }),
  stat({
    ...summary,
    title: 'Duration',
    description: 'From its start to its end, as the agent reported it.',
    unit: 'ms',
    fields: '/^Duration$/',
    color: COLOR.calls,
  }),
  stat({
    ...summary,
    title: 'Steps',
    description: 'Thoughts, actions, observations, tool calls and answers.',
    unit: 'locale',
    fields: '/^Steps$/',
    color: COLOR.calls,
  }),
  stat({
    ...summary,
    title: 'Tokens in',
    description: 'Tokens sent to models, cached ones included.',
    unit: 'locale',
    fields: '/^Tokens in$/',
    color: COLOR.calls,
  }),
  stat({
    ...summary,
    title: 'Tokens out',
    description: 'Tokens made by models, reasoning included.',
    unit: 'locale',
    fields: '/^Tokens out$/',
    color: COLOR.calls,
  }),
  stat({
    ...summary,
    title: 'Cost',
    description: 'Reported, or computed from prices; a dash where no price is known.',
    unit: 'currencyUSD',
    decimals: 4,
    fields: '/^Cost$/',
    color: COLOR.rotation,
  }),
];

const FACTS = ['Started', 'Agent', 'User', 'Flow', 'Session', 'Provider', 'Model', 'Cost source', 'Tags'];
const TEXTS = ['Preview', 'Error', 'Message'];
/** What the figures above say. */
const FIGURES = ['Execution', 'Status', 'Duration', 'Steps', 'Tokens', 'Tokens in', 'Tokens out', 'Cost'];
// Not shown, but the link to the agent takes the id from it.
const hiddenId = { field: 'Agent ID', properties: cell.hidden() };

const about = table({
  title: 'About',
  description: 'Who ran what for whom, and where its cost is from.',
  unit: 'string',
  noValue: NONE,
  width: 24,
  height: 3,
  targets: [execution('summary')],
  transformations: [arrange(FACTS, {}, [...FIGURES, ...TEXTS])],
  overrides: [hiddenId, { field: 'Started', properties: [set.custom('width', 190)] }],
});

const texts = table({
  title: 'Preview and error',
  description: 'The beginning of what was asked, and what went wrong, as the agent reported it.',
  unit: 'string',
  noValue: NONE,
  width: 24,
  height: 4,
  targets: [execution('summary')],
  transformations: [arrange(TEXTS, {}, [...FIGURES, ...FACTS, 'Agent ID'])],
  overrides: [
    { field: 'Error', properties: [set.custom('width', 190)] },
    { field: { regexp: '/^(Preview|Message)$/' }, properties: cell.wrapped() },
  ],
});

const trace = traces({
  title: 'Trace',
  description:
    'The steps as they ran, one within another, with the model calls that each of them made. When a model was called is not recorded: its call is drawn as long as what it is part of.',
  unit: 'ms',
  noValue: NONE,
  width: 24,
  height: 18,
  targets: [execution('trace')],
});

const steps = table({
  title: 'Steps',
  description: 'The steps in their order, with what was thought, called, seen and answered.',
  unit: 'short',
  noValue: NONE,
  width: 24,
  height: 12,
  targets: [execution('steps')],
  overrides: [
    { field: '#', properties: [set.custom('width', 60)] },
    { field: 'Started', properties: [set.unit('time:HH:mm:ss.SSS'), set.custom('width', 130)] },
    { field: 'Type', properties: [set.custom('width', 120)] },
    { field: 'Tool', properties: [set.custom('width', 170)] },
    { field: 'Status', properties: [set.custom('width', 110), set.mappings(STATUS_COLORS), ...cell.text()] },
    { field: { regexp: '/^(Duration|Tokens .*)$/' }, properties: [set.custom('width', 120)] },
    { field: 'Content', properties: cell.wrapped() },
  ],
});

const usages = table({
  title: 'Token usages by component',
  description: 'What each part of the execution asked of which model, and what that cost.',
  unit: 'short',
  noValue: 'No token usages: the tokens are those of the execution itself',
  width: 24,
  height: 8,
  targets: [execution('usages')],
  overrides: [{ field: 'Cost', properties: [set.decimals(6)] }],
});

export const executionDetail = buildDashboard({
  uid: DASHBOARD_UID.execution,
  title: 'Execution',
  description: 'One execution: its trace, its steps with their content, and what each part of it cost.',
  // Not in the dropdown: it wants an execution, which the dashboard Executions links to.
  tags: [],
  from: 'now-30d/d',
  refresh: '1m',
  variables: [datasourceVariable(), executionVariable()],
  annotations: [jobFailureAnnotation()],
  links: [backTo('Executions', DASHBOARD_UID.executions), dashboardDropdown()],
  rows: [
    { title: 'Summary', panels: [...figures, about, texts] },
    { title: 'Trace', panels: [trace] },
    { title: 'Steps', panels: [steps] },
    { title: 'Token usages', panels: [usages] },
  ],
});
