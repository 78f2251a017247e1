import fc from 'fast-check';
import { cacheKey, canonicalJson } from '../../src/cache/key.js';

describe('The key of a cached response', () => {
  it('is analytics:tenant:endpoint:hash, with the hash of the query', () => {
    const key = cacheKey({ tenantId: 'acme', endpoint: 'usage-summary', query: { from: '2026-01-01' } });
    // sha256sum of {"from":"2026-01-01"}
    expect(key).toBe(
      'analytics:acme:usage-summary:d22506c8ce13c17ded6b0ab8b0510917a0e23b9e1177a7ab205d60baba19854e',
    );
  });

  it('does not change plain ids', () => {
    for (const tenantId of ['0198c0de-0000-7000-8000-000000000000', 'a/b@c.d', 'Müller', '😀', '{x}']) {
      expect(cacheKey({ tenantId, endpoint: 'e', query: null }).split(':')[1]).toBe(tenantId);
    }
  });

  it('differs by tenant, endpoint and query', () => {
    const part = fc.string({
      unit: fc.constantFrom('a', ':', '%', '3', 'A', '2', '5'),
      minLength: 1,
      maxLength: 6,
    });
    const subject = fc.record({ tenantId: part, endpoint: part, query: part });
    fc.assert(
      fc.property(subject, subject, (a, b) => {
        const same = a.tenantId === b.tenantId && a.endpoint === b.endpoint && a.query === b.query;
        expect(cacheKey(a) === cacheKey(b)).toBe(same);
      }),
    );
    expect(cacheKey({ tenantId: 'a:b', endpoint: 'c', query: 1 }).split(':')).toHaveLength(4);
  });
});

describe('Canonical JSON', () => {
  it('does not depend on the order of fields, at any depth', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const turned = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson([{ nested: turned }])).toBe(canonicalJson([{ nested: object }]));
        expect(JSON.parse(canonicalJson(object))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });

  it('keeps the order of arrays, and treats undefined fields as absent', () => {
    expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(canonicalJson(undefined)).toBe('null');
  });
});
