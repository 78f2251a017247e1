/** A proxy between Grafana and the exporter that records requests. */
import { createServer, request as send, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  method: string;
  /** The raw request target, not normalised. */
  target: string;
  authorization: string | undefined;
  status: number;
}

export interface Recorder {
  url: string;
  seen: Seen[];
  stop: () => Promise<void>;
}

/** @param upstream base URL of the exporter */
export async function startRecorder(upstream: string): Promise<Recorder> {
  const { hostname, port } = new URL(upstream);
  const seen: Seen[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = '', url: target = '', headers } = incoming;
    const forwarded = send(
      { hostname, port, method, path: target, headers: forwardable(headers) },
      (answer) => {
        const status = answer.statusCode ?? 0;
        seen.push({ method, target, authorization: headers.authorization, status });
        outgoing.writeHead(status, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.writeHead(502).end());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

const forwardable = ({ connection: _, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders => headers;
