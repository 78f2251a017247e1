import { BY_AGENT, type PeriodRoute } from '../../queries/periodRoute';
import type { SessionsQuery } from './query';

export const LIST: PeriodRoute = {
  subject: 'A list of sessions',
  filters: { ...BY_AGENT, user: 'user_id' },
};
export const METRICS: PeriodRoute = { subject: 'Figures of sessions', filters: BY_AGENT };

export const routeOf = ({ sessionPart }: SessionsQuery) => (sessionPart === 'metrics' ? METRICS : LIST);
