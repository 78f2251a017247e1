/** An HTTP server on loopback that keeps what it is sent, and answers as it is told. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface HttpServer {
  url: string;
  port: number;
  received: Received[];
  /** Default: 200 with `ok`. */
  answer: (response: ServerResponse, request: Received) => void;
  close(): Promise<void>;
}

/** @param port a free one by default */
export async function startReceiver(port = 0): Promise<HttpServer> {
  const received: Received[] = [];
  const state = { answer: ((response) => response.end('ok')) as HttpServer['answer'] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
      received.push(one);
      state.answer(response, one);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return Object.assign(state, {
    port: bound,
    url: `http://127.0.0.1:${bound}`,
    received,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}
