/** Random forests of spans as executions. */
import fc from 'fast-check';
import type { Usage } from '../../src/facts/execution/execution.js';
import { executionsOf } from '../../src/ingest/otlp/execution.js';
import type { Span } from '../../src/ingest/otlp/tree.js';
import { EXECUTION } from '../support/otlp.js';

it('does not depend on the order of the spans, and counts each at most once', () => {
  const roles = [undefined, 'agent', 'workflow', 'chain', 'model', 'tool', 'counted'] as const;
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
        const found = [...executionsOf(EXECUTION, spans, () => false)];
        expect([...executionsOf(EXECUTION, shuffled, () => false)]).toEqual(found);
        const ids = found.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { header } of found) {
          const { parent_execution_id: parent } = header;
          expect(parent === null || ids.includes(parent)).toBe(true);
        }
        const usages = found.flatMap((execution) => execution.usages ?? []);
        expect(new Set(usages.map(({ usage_id }) => usage_id)).size).toBe(usages.length);
        const sum = (some: readonly Span[]): number =>
          some.reduce((tokens, { fields }) => tokens + (fields.inputTokens ?? 0), 0);
        const counted = usages.reduce((tokens, usage) => tokens + usage.input_tokens, 0);
        expect(counted).toBeLessThanOrEqual(sum(spans));
        // The tokens of a call are those of its span or, where that has none, those of one span around it.
        const byId = new Map(spans.map((span) => [span.spanId, span]));
        const counts = (usage: Usage): boolean => {
          const seen = new Set<Span>();
          for (let at = byId.get(usage.usage_id!); at !== undefined && !seen.has(at);) {
            const { inputTokens } = at.fields;
            if (seen.size === 0 && inputTokens !== undefined) return usage.input_tokens === inputTokens;
            if (usage.input_tokens === (inputTokens ?? 0)) return true;
            seen.add(at);
            at = at.parentSpanId == null ? undefined : byId.get(at.parentSpanId);
          }
          return false;
        };
        expect(usages.filter((usage) => !counts(usage))).toEqual([]);
        // Calls without spans below them are always counted.
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
