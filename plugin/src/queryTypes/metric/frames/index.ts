/** Converts responses of a metric query to Grafana's data frames, one shape per format. */
import type { DataFrame } from '@grafana/data';
import type { AnsweredMetric } from '../plan';
import { byDayFrames } from './byDay';
import { withNotices } from '../../../frames/notices';
import { noticesOf } from './meta';
import { seriesFrames, type FrameContext } from './series';
import { tableFrames } from './table';
import { weekdayHourFrames } from './weekdayHour';

/** Without rows there is no frame, so that the panel shows its own message. */
export function toFrames(plan: AnsweredMetric, context: FrameContext): DataFrame[] {
  return withNotices(shape(plan, context), noticesOf(plan));
}

function shape(plan: AnsweredMetric, context: FrameContext): DataFrame[] {
  switch (plan.query.format) {
    case 'table':
      return tableFrames(plan, context);
    case 'heatmap-agent-day':
    case 'heatmap-user-day':
      return byDayFrames(plan, context);
    case 'heatmap-weekday-hour':
      return weekdayHourFrames(plan);
    default:
      return seriesFrames(plan, context);
  }
}
