/** The clients of a test, which are closed after it, and the errors that they report. */
import {
  AnalyticsClient,
  type AnalyticsClientOptions,
  type AnalyticsError,
  type SentItem,
} from '../../src/index.js';

export interface Reported {
  error: AnalyticsError;
  items: readonly SentItem[];
}

export class Clients {
  readonly reported: Reported[] = [];
  private readonly clients: AnalyticsClient[] = [];

  /** The defaults retry with almost no delay. */
  open(options: Partial<AnalyticsClientOptions> & { url: string }): AnalyticsClient {
    const client = new AnalyticsClient({
      token: 'a-token',
      retryBaseMs: 2,
      flushIntervalMs: 5,
      onError: (error, items) => void this.reported.push({ error, items }),
      ...options,
    });
    this.clients.push(client);
    return client;
  }

  codes(): string[] {
    return this.reported.map(({ error }) => error.code);
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.splice(0).map((client) => client.close({ timeoutMs: 0 })));
    this.reported.length = 0;
  }
}

/** Waits until the condition is true; throws after 15 seconds. */
export async function eventually(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
