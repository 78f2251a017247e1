/** A process that listens to live figures, so that reading the streams is no work of the exporter's or of the load's. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { inParallel } from './measure.js';

/** Opens streams in place of those before; `report` asks how they fare, and `close` closes them. */
export type ListenOrder = ListenTo | 'report' | 'close';

export interface ListenTo {
  url: string;
  /** A stream each. */
  authorizations: readonly string[];
}

/** Answered to every order; to the first, when each stream has had figures. */
export interface ListenReport {
  /** Events since the last report. */
  events: number;
}

const OPENED_AT_ONCE = 20;
const OPEN = 'HTTP/1.1 200';
const EVENT = 'event: metrics';
/** All sockets read into the same memory, so that a process with a thousand of them does little. */
const buffer = Buffer.alloc(64 * 1024);

class Listening {
  private events = 0;
  private readonly sockets: Socket[] = [];
  private closed = false;

  async open({ url, authorizations }: ListenTo): Promise<void> {
    const figures: Promise<void>[] = [];
    await inParallel(authorizations.length, OPENED_AT_ONCE, async (i) => {
      const { opened, hadFigures } = this.openOne(url, authorizations[i]!);
      figures.push(hadFigures);
      await opened;
    });
    await Promise.all(figures);
  }

  /** Since the last call. */
  takeEvents(): number {
    const { events } = this;
    this.events = 0;
    return events;
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(
      this.sockets.map((socket) => {
        const closed = once(socket, 'close');
        socket.destroy();
        return closed;
      }),
    );
  }

  private openOne(url: string, authorization: string): { opened: Promise<void>; hadFigures: Promise<void> } {
    const { hostname, host, port } = new URL(url);
    let open: () => void;
    let have: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const hadFigures = new Promise<void>((resolve) => (have = resolve));
    let isOpen = false;
    const callback = (bytes: number): boolean => {
      const part = buffer.subarray(0, bytes);
      if (!isOpen) {
        isOpen = true;
        const status = part.toString('latin1', 0, OPEN.length);
        if (status !== OPEN) fail(new Error(`a live stream was answered with "${status}"`));
        open();
      }
      if (part.includes(EVENT)) {
        this.events += 1;
        have();
      }
      return true;
    };
    const socket = connect({ host: hostname, port: Number(port), onread: { buffer, callback } });
    socket.write(
      `GET /api/v1/analytics/live HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${authorization}\r\n\r\n`,
    );
    socket.once('error', fail);
    socket.once('close', () => {
      if (!this.closed) fail(new Error('a live stream ended early'));
    });
    this.sockets.push(socket);
    return { opened, hadFigures };
  }
}

let listening: Listening | undefined;

async function carryOut(order: ListenOrder): Promise<ListenReport> {
  if (order === 'close') {
    await listening?.close();
    listening = undefined;
  } else if (order !== 'report') {
    listening = new Listening();
    await listening.open(order);
  }
  return { events: listening?.takeEvents() ?? 0 };
}

function fail(error: unknown): void {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
}

process.on('message', (order: ListenOrder) => {
  carryOut(order).then((report) => process.send?.(report), fail);
});
// Never outlives the bench.
process.once('disconnect', () => process.exit());
