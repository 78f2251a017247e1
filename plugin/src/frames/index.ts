/** Answers of the API as Grafana's data frames, one shape for each format. */
import type { DataFrame } from '@grafana/data';
import type { AnsweredPlan } from '../queries/run';
import { agentDayFrames } from './agentDay';
import { noticesOf, withNotices } from './meta';
import { seriesFrames, type FrameContext } from './series';
import { tableFrames } from './table';
import { weekdayHourFrames } from './weekdayHour';

/** No frame at all where there is no row: a panel then says so in its own words. */
export function toFrames(plan: AnsweredPlan, context: FrameContext): DataFrame[] {
  return withNotices(shape(plan, context), noticesOf(plan));
}

function shape(plan: AnsweredPlan, context: FrameContext): DataFrame[] {
  switch (plan.query.format) {
    case 'table':
      return tableFrames(plan, context);
    case 'heatmap-agent-day':
      return agentDayFrames(plan, context);
    case 'heatmap-weekday-hour':
      return weekdayHourFrames(plan);
    default:
      return seriesFrames(plan, context);
  }
}
