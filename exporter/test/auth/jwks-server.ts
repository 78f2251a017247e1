/** A JWKS endpoint on loopback. A test can change its keys and make it fail. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';

export interface Signer {
  alg: string;
  publicJwk: JWK;
  /** The public key as PEM: an algorithm confusion attack uses it as the HS256 secret. */
  pem: string;
  sign(claims: JWTPayload): Promise<string>;
}

/** @param kid key id in header and JWK; with null, neither has one */
export async function createSigner(alg: string, kid: string | null = 'k1'): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const id = kid === null ? {} : { kid };
  return {
    alg,
    publicJwk: { ...(await exportJWK(publicKey)), ...id, alg, use: 'sig' },
    pem: await exportSPKI(publicKey),
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg, ...id }).sign(privateKey),
  };
}

export interface JwksServer {
  url: string;
  /** Number of requests received. */
  readonly requests: number;
  answerWith(keys: JWK[]): void;
  answerBy(handler: (response: ServerResponse) => void): void;
  stop(): Promise<void>;
}

export async function startJwksServer(...signers: Signer[]): Promise<JwksServer> {
  let requests = 0;
  let answer: (response: ServerResponse) => void;
  const answerWith = (keys: JWK[]) => {
    answer = (response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys }));
    };
  };
  answerWith(signers.map(({ publicJwk }) => publicJwk));
  const server = createServer((_request, response) => {
    requests += 1;
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/jwks.json`,
    get requests() {
      return requests;
    },
    answerWith,
    answerBy: (handler) => (answer = handler),
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
