/** An HTTP server in place of Grafana's API, which answers as it is told. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  method: string;
  url: string;
  authorization: string | undefined;
  body: { dashboard: { uid: string; title: string; id: null; panels: object[] }; overwrite: boolean };
}

export class GrafanaServer {
  readonly received: Received[] = [];
  answer: (response: ServerResponse, received: Received) => void = accepts;
  private readonly server = createServer((request, response) => void this.take(request, response));

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await text(request)) as Received['body'];
    const { method = '', url = '', headers } = request;
    const received = { method, url, authorization: headers.authorization, body };
    this.received.push(received);
    this.answer(response, received);
  }
}

export const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** As Grafana answers below a path of its own. */
export function accepts(response: ServerResponse, { body }: Received): void {
  const { uid } = body.dashboard;
  json(response, 200, { id: 7, uid, url: `/grafana/d/${uid}/wall`, status: 'success', version: 1 });
}
