import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JWK } from 'jose';
import { createTokenVerifier } from '../../src/auth/verifier.js';
import { recordingLog } from '../support/log.js';
import { base64url, goodClaims, refusal, SECRET, sign } from './claims.js';
import { createSigner, startJwksServer, type JwksServer, type Signer } from './jwks-server.js';

const servers: JwksServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function serve(...signers: Signer[]): Promise<JwksServer> {
  const server = await startJwksServer(...signers);
  servers.push(server);
  return server;
}

const claims = (more: object = {}) => ({ ...goodClaims(), aud: 'analytics', ...more });
/** The cooldown is short enough for a test to wait until it ends. */
const verifierOf = (jwksUrl: string, jwksCooldownMs = 60) =>
  createTokenVerifier({ jwksUrl, audience: 'analytics', jwksCooldownMs });

describe('A token signed with a key of the JWKS', () => {
  it.each([['RS256'], ['ES256'], ['EdDSA']])('with %s is accepted', async (alg) => {
    const signer = await createSigner(alg);
    const server = await serve(signer);
    const principal = await verifierOf(server.url).verify(`Bearer ${await signer.sign(claims())}`);
    expect(principal).toMatchObject({ tenantId: 'acme', subject: 'u-7' });
  });

  it.each([['PS256'], ['RS512'], ['ES384']])('with %s, which is not allowed, is rejected', async (alg) => {
    const signer = await createSigner(alg);
    const server = await serve(signer);
    const error = await refusal(verifierOf(server.url).verify(`Bearer ${await signer.sign(claims())}`));
    expect(error).toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringContaining('RS256, ES256, EdDSA'),
    });
    expect(server.requests).toBe(0);
  });

  it('is rejected if another key with the same key id signed it', async () => {
    const [mine, theirs] = [await createSigner('ES256'), await createSigner('ES256')];
    const server = await serve(mine);
    const error = await refusal(verifierOf(server.url).verify(`Bearer ${await theirs.sign(claims())}`));
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', message: expect.stringContaining('signature') });
  });

  it('is rejected if it is for another audience', async () => {
    const signer = await createSigner('ES256');
    const server = await serve(signer);
    const error = await refusal(
      verifierOf(server.url).verify(`Bearer ${await signer.sign(claims({ aud: 'shop' }))}`),
    );
    expect(error.message).toMatch(/not meant for this service/);
  });

  it('is checked with each matching key if it has no key id', async () => {
    const [old, current, foreign] = [
      await createSigner('ES256', null),
      await createSigner('ES256', null),
      await createSigner('ES256', null),
    ];
    const verifier = verifierOf((await serve(old, current)).url);
    expect((await verifier.verify(`Bearer ${await current.sign(claims())}`)).tenantId).toBe('acme');
    const error = await refusal(verifier.verify(`Bearer ${await foreign.sign(claims())}`));
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', message: expect.stringContaining('signature') });
  });
});

describe('HS256 together with a JWKS', () => {
  it.each([
    ['with a secret configured', [SECRET]],
    ['without a secret', undefined],
  ])('never verifies with the public key, %s', async (_title, jwtSecrets) => {
    const signer = await createSigner('RS256');
    const server = await serve(signer);
    const verifier = createTokenVerifier({ jwtSecrets, jwksUrl: server.url, audience: 'analytics' });
    for (const stolen of [
      signer.pem,
      signer.pem.trim(),
      JSON.stringify(signer.publicJwk),
      signer.publicJwk.n!,
    ]) {
      const error = await refusal(verifier.verify(`Bearer ${await sign(claims(), stolen)}`));
      expect(error.code).toBe('UNAUTHORIZED');
    }
    expect(server.requests).toBe(0);
  });

  it('is not verified with a symmetric key from the JWKS', async () => {
    const server = await serve();
    server.answerWith([
      { kty: 'oct', kid: 'k1', k: Buffer.from(SECRET).toString('base64url'), alg: 'HS256' },
    ]);
    const error = await refusal(verifierOf(server.url).verify(`Bearer ${await sign(claims())}`));
    expect(error.code).toBe('UNAUTHORIZED');
  });

  it('is verified with the secret, and other algorithms with the JWKS', async () => {
    const signer = await createSigner('EdDSA');
    const server = await serve(signer);
    const verifier = createTokenVerifier({
      jwtSecrets: [SECRET],
      jwksUrl: server.url,
      audience: 'analytics',
    });
    expect((await verifier.verify(`Bearer ${await sign(claims())}`)).tenantId).toBe('acme');
    expect((await verifier.verify(`Bearer ${await signer.sign(claims())}`)).tenantId).toBe('acme');
  });
});

describe('A JWKS with key rotation', () => {
  it('is fetched again for a new key', async () => {
    const [old, next] = [await createSigner('ES256', 'old'), await createSigner('ES256', 'next')];
    const server = await serve(old);
    const verifier = verifierOf(server.url);
    await verifier.verify(`Bearer ${await old.sign(claims())}`);
    server.answerWith([next.publicJwk]);
    await sleep(80);
    expect((await verifier.verify(`Bearer ${await next.sign(claims())}`)).tenantId).toBe('acme');
    const error = await refusal(verifier.verify(`Bearer ${await old.sign(claims({ jti: 'another' }))}`));
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', message: expect.stringContaining('not known') });
  });

  it('is not fetched for every unknown key', async () => {
    const [known, unknown] = [await createSigner('ES256', 'known'), await createSigner('ES256', 'unknown')];
    const server = await serve(known);
    const verifier = verifierOf(server.url, 30_000);
    for (let i = 0; i < 20; i += 1) {
      const error = await refusal(
        verifier.verify(`Bearer ${await unknown.sign(claims({ jti: String(i) }))}`),
      );
      expect(error.code).toBe('UNAUTHORIZED');
    }
    expect(server.requests).toBe(1);
  });
});

describe('A JWKS that fails', () => {
  async function expectUnavailable(server: JwksServer, signer: Signer): Promise<void> {
    const error = await refusal(verifierOf(server.url).verify(`Bearer ${await signer.sign(claims())}`));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryAfter: expect.any(Number) });
    expect(error.retryAfter).toBeGreaterThanOrEqual(1);
    expect(error.message).not.toContain('127.0.0.1');
  }

  it('makes the service unavailable until it works again', async () => {
    const signer = await createSigner('ES256');
    const server = await serve(signer);
    const verifier = verifierOf(server.url);
    server.answerBy((response) => void response.destroy());
    const token = await signer.sign(claims());
    expect((await refusal(verifier.verify(`Bearer ${token}`))).code).toBe('UNAVAILABLE');
    server.answerWith([signer.publicJwk]);
    await sleep(80);
    expect((await verifier.verify(`Bearer ${token}`)).tenantId).toBe('acme');
  });

  it('is not fetched again immediately', async () => {
    const signer = await createSigner('ES256');
    const server = await serve(signer);
    const verifier = verifierOf(server.url, 30_000);
    server.answerBy((response) => response.writeHead(500).end());
    for (let i = 0; i < 10; i += 1) {
      expect((await refusal(verifier.verify(`Bearer ${await signer.sign(claims())}`))).code).toBe(
        'UNAVAILABLE',
      );
    }
    expect(server.requests).toBe(1);
  });

  it('is unavailable if the connection is refused', async () => {
    const signer = await createSigner('ES256');
    const server = await startJwksServer(signer);
    await server.stop();
    await expectUnavailable(server, signer);
  });

  it('is unavailable if it does not respond', async () => {
    const signer = await createSigner('ES256');
    const server = await serve(signer);
    server.answerBy(() => undefined);
    await expectUnavailable(server, signer);
  });

  it.each([
    ['HTML', '<html>'],
    ['JSON that is not a key set', '{"error":"x"}'],
    ['null', 'null'],
    ['keys that are not objects', '{"keys":[1]}'],
  ])('is unavailable if it returns %s', async (_title, body) => {
    const signer = await createSigner('ES256');
    const server = await serve(signer);
    server.answerBy((response) => response.end(body));
    await expectUnavailable(server, signer);
  });

  it('is unavailable if its key cannot be read', async () => {
    const signer = await createSigner('RS256');
    const server = await serve(signer);
    server.answerWith([{ kty: 'RSA', kid: 'k1', e: 'AQAB' }]);
    await expectUnavailable(server, signer);
  });
});

describe('An RSA key of 1,024 bits', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const weakToken = (kid?: string, jti = 'first') => {
    const body = `${base64url({ alg: 'RS256', kid })}.${base64url(claims({ jti }))}`;
    return `${body}.${signBytes('sha256', Buffer.from(body), privateKey).toString('base64url')}`;
  };

  it('verifies no token: each gets a 401, and the log has one line', async () => {
    const good = await createSigner('RS256', 'good');
    const server = await serve(good);
    server.answerWith([{ ...publicKey.export({ format: 'jwk' }), kid: 'weak' }, good.publicJwk]);
    const log = recordingLog();
    const verifier = createTokenVerifier({ jwksUrl: server.url, audience: 'analytics', log });
    for (const jti of ['a', 'b', 'c']) {
      const error = await refusal(verifier.verify(`Bearer ${weakToken('weak', jti)}`));
      expect(error).toMatchObject({
        code: 'UNAUTHORIZED',
        message: expect.stringMatching(/too short.*2048 bits/),
      });
    }
    expect(log.lines).toEqual([expect.stringMatching(/^warn: .*AUTH_JWKS_URL.*2048 bits.*"kid":"weak"/)]);
    expect((await verifier.verify(`Bearer ${await good.sign(claims())}`)).tenantId).toBe('acme');
  });

  it('does not hide a longer one when neither has a key id', async () => {
    const good = await createSigner('RS256', null);
    const server = await serve(good);
    server.answerWith([publicKey.export({ format: 'jwk' }) as JWK, good.publicJwk]);
    const verifier = verifierOf(server.url);
    expect((await verifier.verify(`Bearer ${await good.sign(claims())}`)).tenantId).toBe('acme');
    expect((await refusal(verifier.verify(`Bearer ${weakToken()}`))).code).toBe('UNAUTHORIZED');
  });
});
