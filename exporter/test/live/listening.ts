/** A client that listens to live figures over a real connection. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signToken } from '../../src/auth/tokens.js';
import type { LiveFigures } from '../../src/live/schema.js';
import { eventually } from '../robustness/eventually.js';
import { PREFIX, SECRET, type TestApp } from '../support/app.js';

export interface ListenOptions {
  query?: string;
  accept?: string;
  lifetimeSeconds?: number;
}

export class Listening {
  text = '';
  /** When it ended, by the same clock as `performance.now()`. */
  endedAt: number | undefined;
  /** Whether the answer was complete. */
  complete = false;

  constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (part: string) => (this.text += part));
    response.on('error', () => undefined);
    response.once('end', () => (this.complete = true));
    response.once('close', () => (this.endedAt = performance.now()));
  }

  get figures(): LiveFigures[] {
    return [...this.text.matchAll(/^(?:data: )?(\{.*\})$/gm)].map(
      ([, json]) => JSON.parse(json!) as LiveFigures,
    );
  }

  get last(): LiveFigures | undefined {
    return this.figures.at(-1);
  }

  /** Waits for figures that look like this. */
  shows(part: Partial<LiveFigures>, withinMs?: number): Promise<LiveFigures> {
    const wanted = Object.entries(part);
    const isWanted = (figures: LiveFigures): boolean =>
      wanted.every(([name, value]) => figures[name as keyof LiveFigures] === value);
    return eventually(
      `${JSON.stringify(part)}`,
      () => (this.last !== undefined && isWanted(this.last) ? this.last : undefined),
      withinMs,
    ).catch((error: unknown) => {
      throw new Error(`the last figures are ${JSON.stringify(this.last)}`, { cause: error });
    });
  }

  async ended(): Promise<void> {
    await eventually('the end', () => this.endedAt !== undefined);
  }

  leave(): void {
    this.response.destroy();
  }
}

/** Starts to listen; the app must listen on a port. */
export async function listen(t: TestApp, tenantId: string, options: ListenOptions = {}): Promise<Listening> {
  const { query = '', accept = 'text/event-stream', lifetimeSeconds = 600 } = options;
  const scopes = ['analytics:read'] as const;
  const token = await signToken({ secret: SECRET, tenantId, subject: 'tests', scopes, lifetimeSeconds });
  const { port } = t.app.server.address() as AddressInfo;
  const sent = request({
    ...{ host: '127.0.0.1', port, path: `${PREFIX}/live${query}`, agent: false },
    headers: { authorization: `Bearer ${token}`, accept, 'accept-encoding': 'gzip' },
  });
  sent.on('error', () => undefined);
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return new Listening(response);
}
