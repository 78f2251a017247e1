/** Flows as the two frames of Grafana's node graph. */
import {
  FieldType,
  type DataFrame,
  type Field,
  type FieldConfig,
  type QueryResultMetaNotice,
} from '@grafana/data';
import type { Flow, SessionFlows } from '../../api/types';

const START = { id: 'start', title: 'Start' };
const END = { id: 'end', title: 'End' };

interface Node {
  id: string;
  title: string;
  sessions: number;
}

interface Edge {
  source: string;
  target: string;
  sessions: number;
}

/** Nodes are steps, and the start and the end of a session. A session counts once at each node and edge of its flow. */
export function flowGraphFrames(
  refId: string,
  { total_sessions, common_flows, other }: SessionFlows,
): DataFrame[] {
  if (common_flows.length === 0) {
    return [];
  }
  const { nodes, edges } = graphOf(common_flows);
  const notices: QueryResultMetaNotice[] =
    other.count > 0
      ? [{ severity: 'info', text: `Not drawn: ${other.count} sessions with less common flows.` }]
      : [];
  const meta = { preferredVisualisationType: 'nodeGraph' as const };
  return [
    {
      refId,
      name: 'nodes',
      meta: { ...meta, ...(notices.length > 0 && { notices }) },
      length: nodes.length,
      fields: nodeFields(nodes, total_sessions),
    },
    { refId, name: 'edges', meta, length: edges.length, fields: edgeFields(edges) },
  ];
}

function graphOf(flows: Flow[]): { nodes: Node[]; edges: Edge[] } {
  const nodes = new Map<string, Node>();
  const edges = new Map<string, Edge>();
  for (const { steps, count } of flows) {
    const path = [START, ...steps.map((title) => ({ id: `step ${title}`, title })), END];
    const seen = new Set<string>();
    const isNew = (key: string) => !seen.has(key) && Boolean(seen.add(key));
    path.forEach((node, index) => {
      if (isNew(node.id)) {
        nodes.set(node.id, { ...node, sessions: (nodes.get(node.id)?.sessions ?? 0) + count });
      }
      const next = path[index + 1];
      const key = JSON.stringify([node.id, next?.id]);
      if (next && isNew(key)) {
        const sessions = (edges.get(key)?.sessions ?? 0) + count;
        edges.set(key, { source: node.id, target: next.id, sessions });
      }
    });
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

/** Names of the fields as the node graph panel knows them. */
function nodeFields(nodes: Node[], total: number): Field[] {
  const share = ({ sessions }: Node) => (total > 0 ? sessions / total : 0);
  const arc = (fixedColor: string, displayName: string): FieldConfig => ({
    color: { mode: 'fixed', fixedColor },
    displayName,
  });
  return [
    fieldOf('id', FieldType.string, nodes, ({ id }) => id),
    fieldOf('title', FieldType.string, nodes, ({ title }) => title),
    fieldOf('mainstat', FieldType.string, nodes, sessionsText, SESSIONS),
    fieldOf('secondarystat', FieldType.string, nodes, (node) => `${(100 * share(node)).toFixed(0)} %`, {
      displayName: 'Share of all sessions',
    }),
    // The ring of a node. Its parts must add up to 1.
    fieldOf('arc__share', FieldType.number, nodes, share, arc('blue', 'Sessions with this step')),
    fieldOf(
      'arc__rest',
      FieldType.number,
      nodes,
      (node) => 1 - share(node),
      arc('transparent', 'Other sessions'),
    ),
  ];
}

const SESSIONS: FieldConfig = { displayName: 'Sessions' };

/** The panel would show a number with two decimals and the id of its unit. */
function sessionsText({ sessions }: { sessions: number }): string {
  return sessions.toLocaleString('en-US');
}

const MAX_THICKNESS = 8;

function edgeFields(edges: Edge[]): Field[] {
  const largest = Math.max(...edges.map(({ sessions }) => sessions));
  return [
    fieldOf('id', FieldType.string, edges, ({ source, target }) => JSON.stringify([source, target])),
    fieldOf('source', FieldType.string, edges, ({ source }) => source),
    fieldOf('target', FieldType.string, edges, ({ target }) => target),
    fieldOf('mainstat', FieldType.string, edges, sessionsText, SESSIONS),
    fieldOf('thickness', FieldType.number, edges, ({ sessions }) =>
      Math.max(1, (MAX_THICKNESS * sessions) / largest),
    ),
  ];
}

function fieldOf<Item>(
  name: string,
  type: FieldType,
  items: Item[],
  value: (item: Item) => unknown,
  config: FieldConfig = {},
): Field {
  return { name, type, config, values: items.map(value) };
}
