/** A TCP proxy on loopback that can drop all data without closing connections, like a dead host. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface FreezingProxy {
  /** URL of the database through the proxy. */
  url: string;
  /** Drops all data of current and future connections, in both directions. */
  freeze(): void;
  /** Forwards new connections. Frozen ones stay frozen. */
  thaw(): void;
  stop(): Promise<void>;
}

export async function startFreezingProxy(databaseUrl: string): Promise<FreezingProxy> {
  const upstreamPort = Number(new URL(databaseUrl).port);
  const sockets = new Set<Socket>();
  const frozen = new WeakSet<Socket>();
  let freezesNew = false;
  const server = createServer((client) => {
    const upstream = connect(upstreamPort, '127.0.0.1');
    if (freezesNew) frozen.add(client);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => frozen.has(client) || to.write(bytes));
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        if (!frozen.has(client)) to.destroy();
      });
    }
    opened.add(client);
  }).listen(0, '127.0.0.1');
  const opened = new Set<Socket>();
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.toString(),
    freeze() {
      freezesNew = true;
      opened.forEach((client) => frozen.add(client));
    },
    thaw() {
      freezesNew = false;
    },
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
