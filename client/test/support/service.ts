/** A stand-in for the service on a free loopback port. A test sets its responses and reads the requests it received. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  path: string;
  authorization: string | undefined;
  bytes: number;
  /** Parsed JSON; null without a body. */
  body: Record<string, { id?: string; [field: string]: unknown }[]>;
  at: number;
}

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A response, a broken connection, or no response. */
export type Behaviour = Reply | 'cut' | 'silent' | undefined;

export class Service {
  readonly received: Received[] = [];
  /** If undefined, everything is accepted. */
  behave: (request: Received, index: number) => Behaviour | Promise<Behaviour> = () => undefined;
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Service> {
    const server = createServer((request, response) => void service.answer(request, response));
    const service = new Service(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Items of one kind from all requests, in the order in which they arrived. */
  items(field: string): Record<string, unknown>[] {
    return this.received.flatMap(({ body }) => body?.[field] ?? []);
  }

  /** Number of items in each request. */
  sizes(): number[] {
    return this.received.map(({ body }) => Object.values(body)[0]!.length);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks);
    const received: Received = {
      method: request.method!,
      path: request.url!,
      authorization: request.headers.authorization,
      bytes: text.length,
      body: text.length === 0 ? null : JSON.parse(text.toString()),
      at: Date.now(),
    };
    const behaviour = await this.behave(received, this.received.push(received) - 1);
    if (behaviour === 'silent') return;
    if (behaviour === 'cut') return void request.socket.destroy();
    const { status, body, headers } = behaviour ?? accepted(received);
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'r-1', ...headers });
    response.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  }
}

function accepted({ body }: Received): Reply {
  const count = Object.values(body)[0]!.length;
  return { status: 200, body: { accepted: count, duplicates: 0, rejected: [] } };
}

export const refusal = (
  status: number,
  code: string,
  rest: { details?: unknown; headers?: Record<string, string> } = {},
): Reply => ({
  status,
  body: { code, message: `no: ${code}`, details: rest.details },
  headers: rest.headers,
});
