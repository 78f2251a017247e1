/** Which agent a run is of. */
import type { Run } from './runs.js';
import type { Span } from './tree.js';
import { idFrom } from './values.js';

export interface RunAgent {
  id: string | null;
  name: string | null;
}

/** What OpenTelemetry's SDKs call a service that has no name. */
const UNNAMED_SERVICE = /^unknown_service(?:$|:)/;

/**
 * The id is the one that was meant for this service, or one that it knows already. Any other id may be new with every run,
 * so that the name comes before it.
 * @param isKnown whether an agent with this id is registered
 */
export function agentOf({ agent, nodes }: Run, isKnown: (id: string) => boolean): RunAgent {
  const named = agent?.fields ?? nodes.find(({ fields }) => fields.agentName !== undefined)?.fields;
  const name = named && (named.agentName ?? (agent === undefined ? undefined : named.label));
  const ids = named ?? nodes.find(({ fields }) => fields.agentId !== undefined)?.fields ?? {};
  const own = nodes.find(({ fields }) => fields.ownAgentId !== undefined)?.fields.ownAgentId;
  const sent = idFrom(ids.agentId);
  const id = idFrom(own) ?? (sent !== null && isKnown(sent) ? sent : (idFrom(name) ?? sent));
  if (id !== null) return { id, name: name ?? null };
  const service = serviceOf(nodes);
  return { id: idFrom(service), name: service ?? null };
}

function serviceOf(nodes: Run['nodes']): string | undefined {
  const service = nodes.find(({ fields }) => fields.serviceName !== undefined)?.fields.serviceName;
  return service === undefined || UNNAMED_SERVICE.test(service) ? undefined : service;
}

/** Ids of agents that may be new with every run, so that it matters whether they are known. */
export function agentIdsIn(spans: readonly Span[]): Set<string> {
  const ids = new Set<string>();
  for (const { fields } of spans) {
    const id =
      fields.agentId === undefined || fields.ownAgentId !== undefined ? null : idFrom(fields.agentId);
    if (id !== null) ids.add(id);
  }
  return ids;
}
