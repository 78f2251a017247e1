/** Where sessions end: the drop-off by step, and a funnel of chosen steps. */
import { barChart } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { funnel } from 'agentidp-analytics-panels/funnel';
import { VARIABLE } from 'agentidp-analytics-panels/names';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange, firstRows, keep } from '../../lib/transformations.js';
import { NONE, sessionsOf, WHOLE } from './queries.js';

/** Steps of a bar chart at half width whose numbers can be read. */
const SHOWN = 15;

const dropoff = barChart({
  title: 'Drop-off by step',
  description: `Ended sessions by the step of their flow that they reached. Dropped are those whose last step it was and that failed, completed those that ended there well. The first ${SHOWN} steps. ${WHOLE}`,
  unit: 'short',
  noValue: NONE,
  width: 12,
  height: 12,
  xField: 'Step',
  stacked: true,
  targets: [sessionsOf({ queryType: 'dropoff', format: 'bars' })],
  transformations: [firstRows(SHOWN)],
});

const DROPPED = ['Step', 'Reached', 'Dropped', 'Drop rate', 'Last steps'];

const dropoffTable = table({
  title: 'Where sessions end',
  description: `For each step of the flow: the sessions that reached it, those that ended there, and the last steps of those. ${WHOLE}`,
  unit: 'short',
  noValue: NONE,
  width: 12,
  height: 12,
  targets: [sessionsOf({ queryType: 'dropoff', format: 'table' })],
  transformations: [keep(DROPPED), arrange(DROPPED)],
  overrides: [
    { field: 'Step', properties: [set.custom('width', 65)] },
    { field: { regexp: '/^(Reached|Dropped)$/' }, properties: [set.custom('width', 95)] },
    {
      field: 'Drop rate',
      properties: [
        set.decimals(1),
        set.custom('width', 95),
        ...cell.byThreshold('transparent', [10, COLOR.warning], [20, COLOR.bad]),
      ],
    },
    { field: 'Last steps', properties: cell.wrapped() },
  ],
});

const ofFunnel = (format: 'bars' | 'table') =>
  sessionsOf({ queryType: 'funnel', funnelSteps: [`$${VARIABLE.funnelSteps}`], format });
const CHOOSE = 'Choose two to ten tools in the variable Funnel steps';
const INORDER =
  'Sessions that called the tools of the variable in this order, each later than the one before.';

const bars = funnel({
  title: 'Funnel',
  description: `${INORDER} ${WHOLE}`,
  unit: 'short',
  noValue: CHOOSE,
  width: 12,
  height: 9,
  targets: [ofFunnel('bars')],
});

const CONVERSION = ['Step', 'Sessions', 'Of first', 'Of previous', 'Time from previous'];

const funnelTable = table({
  title: 'Conversion',
  description: `${INORDER} The time is the median of the sessions that got there. ${WHOLE}`,
  unit: 'short',
  noValue: CHOOSE,
  width: 12,
  height: 9,
  targets: [ofFunnel('table')],
  transformations: [keep(CONVERSION), arrange(CONVERSION)],
  overrides: [{ field: { regexp: '/^Of /' }, properties: [set.decimals(1)] }],
});

export const endings = [dropoff, dropoffTable, bars, funnelTable];
