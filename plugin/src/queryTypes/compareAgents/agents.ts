/** The agents that are compared: those of the filters. */
import { keptValues } from '../../queries/filters';
import type { Filter } from '../../types';
import { labels } from './labels';

export const DIMENSIONS = ['agent'] as const;

const MIN_AGENTS = 2;
const MAX_AGENTS = 20;

/** @throws Error for too few or too many agents, and for a filter that the route cannot apply */
export function comparedAgents(filters: readonly Filter[]): string[] {
  const agents = keptValues(filters, DIMENSIONS, 'A comparison of agents')?.get('agent') ?? [];
  if (agents.length < MIN_AGENTS || agents.length > MAX_AGENTS) {
    throw new Error(`${labels.agents} Chosen: ${agents.length}.`);
  }
  return agents;
}
