/** Random forests of spans as executions. */
import fc from 'fast-check';
import { executionOf } from '../../src/ingest/otlp/execution.js';
import type { Span } from '../../src/ingest/otlp/tree.js';
import { EXECUTION } from '../support/otlp.js';

it('does not depend on the order of the spans, and counts each at most once', () => {
  const roles = [undefined, 'agent', 'workflow', 'model', 'tool', 'counted'] as const;
  const forest = fc
    .array(
      fc.record({
        role: fc.constantFrom(...roles),
        // Includes missing spans, the span itself, and cycles.
        parent: fc.option(fc.nat({ max: 13 })),
        start: fc.nat({ max: 4 }),
        length: fc.nat({ max: 4 }),
        tokens: fc.option(fc.nat({ max: 9 }), { nil: undefined }),
        status: fc.constantFrom('ok', 'error', null),
        name: fc.constantFrom('a', 'b', undefined),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map((all) =>
      all.map(({ role, parent, start, length, tokens, status, name }, i): Span => ({
        spanId: `span-${i}`,
        parentSpanId: parent === null ? null : `span-${parent}`,
        name: 'x',
        start,
        end: start + length,
        status,
        statusMessage: status === 'error' ? `broke ${i}` : null,
        fields: {
          ...(role && { role }),
          ...(tokens !== undefined && { inputTokens: tokens }),
          ...(name && { agentName: name, tool: name, user: name, input: `${name} ${i}` }),
        },
      })),
    );
  fc.assert(
    fc.property(
      forest.chain((spans) =>
        fc.tuple(fc.constant(spans), fc.shuffledSubarray(spans, { minLength: spans.length })),
      ),
      ([spans, shuffled]) => {
        const found = executionOf(EXECUTION, spans);
        expect(executionOf(EXECUTION, shuffled)).toEqual(found);
        const used = new Set(found?.usages?.map(({ usage_id }) => usage_id));
        const sum = (some: readonly Span[]): number =>
          some.reduce((tokens, { fields }) => tokens + (fields.inputTokens ?? 0), 0);
        // Each count belongs to one span, and calls without spans below them are always counted.
        const counted = found?.usages?.reduce((tokens, usage) => tokens + usage.input_tokens, 0) ?? 0;
        expect(counted).toBe(sum(spans.filter(({ spanId }) => used.has(spanId))));
        const leaves = spans.filter(
          ({ spanId, fields }) =>
            fields.role !== undefined && !spans.some(({ parentSpanId }) => parentSpanId === spanId),
        );
        expect(counted).toBeGreaterThanOrEqual(sum(leaves));
      },
    ),
    { numRuns: 2_000 },
  );
});
