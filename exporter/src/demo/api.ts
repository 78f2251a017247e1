/** Requests of the demo to its own service. */
import { setTimeout as delay } from 'node:timers/promises';

const PREFIX = '/api/v1/analytics';
const ATTEMPTS = 20;
const TIMEOUT_MS = 30_000;

export class DemoApi {
  constructor(
    /** URL of the exporter. */
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** The body of a 2xx. Retries after a 503, because the service may shed load right after seeding. */
  async ask<T>(path: string, body?: object): Promise<T> {
    const url = `${this.url}${PREFIX}${path}`;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await fetch(url, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (answer.ok) return (await answer.json()) as T;
      const text = await answer.text();
      if (answer.status !== 503 || attempt === ATTEMPTS)
        throw new Error(`${url} answered ${answer.status}: ${text}`);
      await delay(Number(answer.headers.get('retry-after') ?? 1) * 1000);
    }
  }
}
