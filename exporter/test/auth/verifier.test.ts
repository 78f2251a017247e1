import { decodeJwt } from 'jose';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { AppError, ConfigError } from '../../src/errors.js';
import { signToken } from '../../src/auth/tokens.js';
import { createTokenVerifier } from '../../src/auth/verifier.js';
import { base64url, goodClaims, nowSeconds, refusal, SECRET, sign } from './claims.js';

const verifier = createTokenVerifier({ jwtSecrets: [SECRET] });
const verify = (token: string) => verifier.verify(`Bearer ${token}`);
const verifyClaims = async (claims: object) => verify(await sign({ ...goodClaims(), ...claims }));

async function expectRefused(token: string, message: RegExp): Promise<void> {
  const error = await refusal(verify(token));
  expect(error.code).toBe('UNAUTHORIZED');
  expect(error.message).toMatch(message);
  expect(error.cause).toBeUndefined();
}

describe('A token signed with the secret', () => {
  it('identifies tenant, subject and scopes', async () => {
    const token = await signToken({
      secret: SECRET,
      tenantId: 'acme',
      subject: 'grafana',
      scopes: ['analytics:read', 'analytics:write'],
      lifetimeSeconds: 60,
    });
    expect(await verify(token)).toEqual({
      tenantId: 'acme',
      subject: 'grafana',
      scopes: new Set(['analytics:read', 'analytics:write']),
      expiresAt: decodeJwt(token).exp! * 1000,
    });
  });

  it('is accepted with any case of the word Bearer', async () => {
    const token = await sign(goodClaims());
    expect((await verifier.verify(`bearer ${token}`)).tenantId).toBe('acme');
    expect((await verifier.verify(`BEARER  ${token}`)).tenantId).toBe('acme');
  });

  it('grants only analytics:read without a scope claim', async () => {
    expect((await verifyClaims({})).scopes).toEqual(new Set(['analytics:read']));
  });

  it('grants exactly the scopes it contains, which may be none', async () => {
    expect((await verifyClaims({ scope: 'analytics:admin' })).scopes).toEqual(new Set(['analytics:admin']));
    expect((await verifyClaims({ scope: '' })).scopes).toEqual(new Set());
  });

  it('may contain scopes of other services, which are ignored', async () => {
    const { scopes } = await verifyClaims({ scope: 'openid analytics:write analytics:own ANALYTICS:READ' });
    expect(scopes).toEqual(new Set(['analytics:write']));
  });

  it.each([[['analytics:read']], [null], [7], [{ 'analytics:read': true }]])(
    'is rejected with scope %j',
    async (scope) => {
      await expectRefused(await sign({ ...goodClaims(), scope }), /"scope" must be a string/);
    },
  );

  it('has the tenant as its subject without a sub', async () => {
    expect((await verifyClaims({ sub: undefined })).subject).toBe('acme');
  });

  it.each([[''], ['x'.repeat(257)], ['a\u0000b'], ['a\nb'], [7 as never], [null as never]])(
    'is rejected with sub %j',
    async (sub) => {
      await expectRefused(await sign({ ...goodClaims(), sub }), /"sub" must be/);
    },
  );

  it.each([['CN=Jane Doe, O=Acme'], ['ö'.repeat(256)]])('is accepted with sub %j', async (sub) => {
    expect((await verifyClaims({ sub })).subject).toBe(sub);
  });
});

describe('The tenant of a token', () => {
  it.each([['a'], ['a:b/c%d'], ['😀'.repeat(128)], ['0198c0de-0000-7000-8000-000000000000']])(
    'may be %j',
    async (id) => {
      expect((await verifyClaims({ organization_id: id })).tenantId).toBe(id);
    },
  );

  it.each([[''], [' '], ['a b'], ['a\u0000'], ['a\u200b'], ['x'.repeat(129)], [7], [null], [['acme']], [{}]])(
    'may not be %j',
    async (id) => {
      await expectRefused(await sign({ ...goodClaims(), organization_id: id }), /"organization_id" must be/);
    },
  );

  it('is required', async () => {
    await expectRefused(
      await sign({ ...goodClaims(), organization_id: undefined }),
      /"organization_id" is missing/,
    );
  });
});

describe('The validity period of a token', () => {
  it('must have an expiry', async () => {
    await expectRefused(await sign({ ...goodClaims(), exp: undefined }), /needs an expiry/);
  });

  it.each([['2099-01-01'], [null], [true]])('must have an expiry that is a number, not %j', async (exp) => {
    await expectRefused(await sign({ ...goodClaims(), exp: exp as never }), /needs an expiry/);
  });

  it('must not have ended', async () => {
    await expectRefused(await sign({ ...goodClaims(), exp: nowSeconds() - 10 }), /has expired/);
  });

  it('must have started', async () => {
    await expectRefused(await sign({ ...goodClaims(), nbf: nowSeconds() + 60 }), /not valid yet/);
  });

  it('tolerates a clock skew of a few seconds', async () => {
    const now = nowSeconds();
    expect((await verifyClaims({ exp: now - 2, nbf: now + 2 })).tenantId).toBe('acme');
  });
});

describe('A forged token', () => {
  it('that another key signed is rejected', async () => {
    await expectRefused(await sign(goodClaims(), 'another secret of the right length'), /signature/);
  });

  it('with changed claims is rejected', async () => {
    const [header, , signature] = (await sign(goodClaims())).split('.');
    await expectRefused(
      `${header}.${base64url({ ...goodClaims(), organization_id: 'other' })}.${signature}`,
      /signature/,
    );
  });

  it.each([['none'], ['None'], ['NONE'], [''], [null], [['HS256']]])(
    'with alg %j is rejected',
    async (alg) => {
      const body = `${base64url({ alg, typ: 'JWT' })}.${base64url(goodClaims())}`;
      const [, , signature] = (await sign(goodClaims())).split('.');
      await expectRefused(`${body}.`, /algorithm|not a valid/);
      await expectRefused(`${body}.${signature}`, /algorithm|not a valid/);
    },
  );

  it.each([['HS384'], ['HS512']])('with the right secret and alg %s is rejected', async (alg) => {
    const long = SECRET.repeat(2);
    const strict = createTokenVerifier({ jwtSecrets: [long] });
    const error = await refusal(strict.verify(`Bearer ${await sign(goodClaims(), long, alg)}`));
    expect(error).toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringContaining('accepted: HS256)'),
    });
  });

  it('with an unknown critical extension is rejected', async () => {
    const [, claims, signature] = (await sign(goodClaims())).split('.');
    const header = base64url({ alg: 'HS256', crit: ['x'], x: 1 });
    await expectRefused(`${header}.${claims}.${signature}`, /not a valid JSON Web Token/);
  });
});

describe('A header without a valid token', () => {
  it.each([[undefined], ['']])('%j causes an error that says what to send', async (header) => {
    const error = await refusal(verifier.verify(header));
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', message: expect.stringContaining('Bearer <token>') });
  });

  it.each([
    ['Bearer'],
    ['Bearer '],
    ['Bearer <no value>'],
    ['Basic dTpw'],
    ['Bearer a.b'],
    ['Bearer a.b.c.d.e'],
    ['a.b.c'],
  ])('%j is rejected', async (header) => {
    expect((await refusal(verifier.verify(header))).message).toMatch(/does not contain a JSON Web Token/);
  });

  it('longer than 8 KiB is rejected, even if it is valid', async () => {
    const token = await sign({ ...goodClaims(), padding: 'x'.repeat(8192) });
    await expectRefused(token, /longer than 8192 bytes/);
    await expectRefused('x'.repeat(16 * 1024 * 1024), /longer than 8192 bytes/);
  });

  it('with any content is rejected with a 401, never with another error', async () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map(base64url),
      fc.constant(base64url({ alg: 'HS256' })),
    );
    const header = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }).map((text) => `Bearer ${text}`),
      fc.tuple(part, part, part).map((parts) => `Bearer ${parts.join('.')}`),
    );
    await fc.assert(
      fc.asyncProperty(header, async (value) => {
        expect((await refusal(verifier.verify(value))).statusCode).toBe(401);
      }),
      { numRuns: 300 },
    );
  });
});

describe('Issuer and audience', () => {
  const strict = createTokenVerifier({
    jwtSecrets: [SECRET],
    issuer: 'https://id.example',
    audience: 'analytics',
  });
  const check = async (claims: object) =>
    strict.verify(`Bearer ${await sign({ ...goodClaims(), ...claims })}`);

  it('are required if they are configured', async () => {
    const right = { iss: 'https://id.example', aud: ['other', 'analytics'] };
    expect((await check(right)).tenantId).toBe('acme');
    expect((await refusal(check({ aud: 'analytics' }))).message).toMatch(/issuer/);
    expect((await refusal(check({ ...right, iss: 'https://evil.example' }))).message).toMatch(/issuer/);
    expect((await refusal(check({ iss: right.iss }))).message).toMatch(/not meant for this service/);
    expect((await refusal(check({ ...right, aud: 'analytics2' }))).message).toMatch(
      /not meant for this service/,
    );
  });

  it('are written by signToken', async () => {
    const token = await signToken({
      secret: SECRET,
      tenantId: 'acme',
      subject: 'cli',
      scopes: [],
      lifetimeSeconds: 60,
      issuer: 'https://id.example',
      audience: 'analytics',
    });
    expect(await strict.verify(`Bearer ${token}`)).toEqual({
      tenantId: 'acme',
      subject: 'cli',
      scopes: new Set(),
      expiresAt: decodeJwt(token).exp! * 1000,
    });
  });
});

describe('A verified token', () => {
  it('is not verified again within a minute, and is rejected once it has expired', async () => {
    let now = Date.now();
    const clocked = createTokenVerifier({ jwtSecrets: [SECRET], now: () => now });
    const header = `Bearer ${await sign({ ...goodClaims(), exp: Math.floor(now / 1000) + 90 })}`;
    const first = await clocked.verify(header);
    const signatures = jest.spyOn(globalThis.crypto.subtle, 'verify');
    now += 59_000;
    expect(await clocked.verify(header)).toBe(first);
    expect(signatures).not.toHaveBeenCalled();
    now += 2_000;
    expect(await clocked.verify(header)).not.toBe(first);
    now += 35_000;
    expect((await refusal(clocked.verify(header))).message).toMatch(/expired/);
    signatures.mockRestore();
  });

  it('does not make a token valid that differs in one character', async () => {
    const token = await sign(goodClaims());
    await verify(token);
    const last = token.at(-2) === 'A' ? 'B' : 'A';
    await expectRefused(token.slice(0, -2) + last + token.at(-1)!, /signature/);
  });
});

describe('signToken and createTokenVerifier', () => {
  it('reject a tenant id that no verifier would accept', async () => {
    const options = { secret: SECRET, tenantId: 'a b', subject: 's', scopes: [], lifetimeSeconds: 1 };
    expect(await refusal(signToken(options))).toBeInstanceOf(AppError);
  });

  it('require a secret or a JWKS', () => {
    expect(() => createTokenVerifier({})).toThrow(ConfigError);
  });
});
