import { chosenAgents, report, type AnalyticsQuery } from '../../lib/analytics.js';
import type { Target } from 'agentidp-analytics-panels/target';

/** A report of sessions, which can be filtered by agent only. */
export const sessionsOf = (more: Partial<AnalyticsQuery> & Pick<AnalyticsQuery, 'queryType'>): Target =>
  report({ filters: [chosenAgents], ...more });

export const NONE = 'No sessions in this time range';
export const WHOLE = 'Of all environments and of whole days (UTC).';
