/** Spans as they are stored, short enough to read as a trace. */
import type { Execution } from '../../src/facts/execution/execution.js';
import { executionsOf } from '../../src/ingest/otlp/execution.js';
import type { Fields } from '../../src/ingest/otlp/mapping.js';
import type { Span } from '../../src/ingest/otlp/tree.js';
import { EXECUTION } from './otlp.js';

/** A span and those below it. Its id is its name; it begins after the span before it. */
export interface Tree {
  name: string;
  fields: Fields;
  rest: Partial<Span>;
  below: Tree[];
}

const tree =
  (role: Fields['role'], named: (name: string) => Fields) =>
  (name: string, more: Fields | null = null, below: Tree[] = [], rest: Partial<Span> = {}): Tree => ({
    name,
    fields: { ...(role && { role }), ...named(name), ...more },
    rest,
    below,
  });

export const agent = tree('agent', (agentName) => ({ agentName }));
/** Called by a name that may be the agent's. */
export const called = tree('agent', (label) => ({ label }));
export const unnamed = tree('agent', () => ({}));
export const workflow = tree('workflow', (name) => ({ workflow: name }));
export const chain = tree('chain', (label) => ({ label }));
export const tool = tree('tool', (name) => ({ tool: name }));
export const model = tree('model', () => ({ model: 'gpt-4o', inputTokens: 10, outputTokens: 1 }));
/** A model call without usage. */
export const silent = tree('model', () => ({ model: 'gpt-4o' }));
export const other = tree(undefined, () => ({}));

export const failing = (span: Tree, statusMessage: string | null = null): Tree => ({
  ...span,
  rest: { ...span.rest, status: 'error', statusMessage },
});
export const fine = (span: Tree): Tree => ({ ...span, rest: { ...span.rest, status: 'ok' } });

/** The spans, each of which ends after those below it. */
export function spansOf(trees: readonly Tree[]): Span[] {
  const spans: Span[] = [];
  let time = 0;
  const add = ({ name, fields, rest, below }: Tree, parentSpanId: string | null): void => {
    const span = {
      spanId: name,
      parentSpanId,
      name,
      start: (time += 1),
      end: 0,
      status: null,
      fields,
      ...rest,
    };
    spans.push(span);
    for (const child of below) add(child, name);
    span.end = rest.end ?? (time += 1);
  };
  for (const root of trees) add(root, null);
  return spans;
}

export const runsOf = (...trees: Tree[]): Execution[] => [
  ...executionsOf(EXECUTION, spansOf(trees), () => false),
];
