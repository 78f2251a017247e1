import { signToken } from '../../src/auth/tokens.js';
import { createTokenVerifier } from '../../src/auth/verifier.js';
import type { ScopeMap } from '../../src/config/auth.js';
import type { Scope } from '../../src/scopes.js';
import { goodClaims, refusal, SECRET, sign } from './claims.js';

const verifierOf = (options: object) => createTokenVerifier({ jwtSecrets: [SECRET], ...options });
const verify = async (claims: object, options: object = {}) =>
  verifierOf(options).verify(`Bearer ${await sign({ ...goodClaims(), ...claims })}`);
const scopesOf = async (claims: object, options: object = {}) => [...(await verify(claims, options)).scopes];

describe('The claim scp', () => {
  it.each([['analytics:read analytics:admin'], [['analytics:read', 'analytics:admin', 'openid']]])(
    'counts like scope: %j',
    async (scp) => {
      expect(await scopesOf({ scp })).toEqual(['analytics:read', 'analytics:admin']);
    },
  );

  it('adds to scope', async () => {
    const scopes = await scopesOf({ scope: 'analytics:write', scp: ['analytics:admin'] });
    expect(scopes).toEqual(['analytics:write', 'analytics:admin']);
  });

  it('that is empty grants nothing', async () => {
    expect(await scopesOf({ scp: [] })).toEqual([]);
    expect(await scopesOf({ scp: '' })).toEqual([]);
  });

  it.each([[null], [7], [{ 0: 'analytics:read' }], [['analytics:read', 7]]])(
    'is rejected as %j',
    async (scp) => {
      const error = await refusal(verify({ scp }));
      expect(error).toMatchObject({ code: 'UNAUTHORIZED', message: expect.stringMatching(/^"scp" must be/) });
    },
  );
});

describe('AUTH_SCOPE_MAP', () => {
  const scopeMap: ScopeMap = new Map<string, ReadonlySet<Scope>>([
    ['reports:view', new Set<Scope>(['analytics:read'])],
    ['ops', new Set<Scope>(['analytics:write', 'analytics:admin'])],
  ]);

  it('translates scopes of the identity provider, in scope and scp', async () => {
    expect(await scopesOf({ scope: 'reports:view openid' }, { scopeMap })).toEqual(['analytics:read']);
    expect(await scopesOf({ scp: ['ops'] }, { scopeMap })).toEqual(['analytics:write', 'analytics:admin']);
  });

  it('leaves own scopes as they are, and grants nothing for others', async () => {
    expect(await scopesOf({ scope: 'analytics:write REPORTS:VIEW constructor' }, { scopeMap })).toEqual([
      'analytics:write',
    ]);
  });
});

describe('AUTH_TENANT_CLAIM', () => {
  it('can be another claim, a path, or a URL', async () => {
    const tenantOf = async (claims: object, ...tenantClaim: string[]) =>
      (await verify({ organization_id: 'wrong', ...claims }, { tenantClaim })).tenantId;
    expect(await tenantOf({ org_id: 'acme' }, 'org_id')).toBe('acme');
    expect(await tenantOf({ organization: { id: 'acme' } }, 'organization', 'id')).toBe('acme');
    expect(await tenantOf({ 'https://a.example/org': 'acme' }, 'https://a.example/org')).toBe('acme');
  });

  it.each([
    ['is missing', {}],
    ['has no such field', { organization: {} }],
    ['is a text', { organization: 'acme' }],
    ['is null', { organization: null }],
    ['is an array', { organization: [{ id: 'acme' }] }],
  ])('is not replaced by organization_id where it %s', async (_title, claims) => {
    const error = await refusal(
      verify({ organization_id: 'acme', ...claims }, { tenantClaim: ['organization', 'id'] }),
    );
    expect(error).toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringContaining('"organization.id" is missing'),
    });
  });

  it.each([['constructor.name'], ['organization_id.length'], ['__proto__.x']])(
    'does not reach inherited fields: %s',
    async (path) => {
      const error = await refusal(verify({}, { tenantClaim: path.split('.') }));
      expect(error.message).toContain('is missing');
    },
  );

  it('is written by signToken', async () => {
    const token = await signToken({
      ...{ secret: SECRET, tenantId: 'acme', subject: 'cli', scopes: [], lifetimeSeconds: 60 },
      tenantClaim: ['organization', 'id'],
    });
    const verifier = verifierOf({ tenantClaim: ['organization', 'id'] });
    expect((await verifier.verify(`Bearer ${token}`)).tenantId).toBe('acme');
  });
});

describe('The type of a token', () => {
  const typed = async (typ: unknown) => {
    const token = await sign(goodClaims(), SECRET, 'HS256', { typ } as { typ: string });
    return verifierOf({}).verify(`Bearer ${token}`);
  };

  it.each([['JWT'], ['jwt'], ['at+jwt'], ['AT+JWT'], ['application/at+jwt'], [undefined]])(
    'may be %j',
    async (typ) => {
      expect((await typed(typ)).tenantId).toBe('acme');
    },
  );

  it.each([
    ['id_token'],
    ['logout+jwt'],
    ['dpop+jwt'],
    ['secevent+jwt'],
    ['refresh'],
    [''],
    [null],
    [7],
    [['JWT']],
  ])('may not be %j', async (typ) => {
    const error = await refusal(typed(typ));
    expect(error.code).toBe('UNAUTHORIZED');
  });
});

describe('Two secrets', () => {
  const next = 'another secret of the tests that is long enough';
  const verifier = verifierOf({ jwtSecrets: [next, SECRET] });

  it('both verify tokens, and no third one does', async () => {
    for (const secret of [next, SECRET]) {
      const token = await sign(goodClaims(), secret);
      expect((await verifier.verify(`Bearer ${token}`)).tenantId).toBe('acme');
    }
    for (const secret of [`${next},${SECRET}`, 'a third secret that nobody has configured']) {
      const error = await refusal(verifier.verify(`Bearer ${await sign(goodClaims(), secret)}`));
      expect(error.message).toContain('signature');
    }
  });

  it('both say why a token is refused', async () => {
    for (const secret of [next, SECRET]) {
      const token = await sign({ ...goodClaims(), exp: 1 }, secret);
      expect((await refusal(verifier.verify(`Bearer ${token}`))).message).toContain('has expired');
    }
  });
});
