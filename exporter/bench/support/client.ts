/** A plain HTTP client over a fixed number of kept connections. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';

export interface Answer {
  status: number;
  body: Buffer;
}

export class Client {
  private readonly agent: Agent;

  constructor(
    private readonly origin: string,
    private readonly headers: Record<string, string>,
    connections: number,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' });
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  post(path: string, json: Buffer): Promise<Answer> {
    return this.send('POST', path, json);
  }

  /** The body of a 200 part by part, as it comes. */
  async stream(path: string, take: (part: Buffer) => void): Promise<void> {
    const sent = request(this.origin + path, { agent: this.agent, headers: this.headers });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`the exporter answered ${response.statusCode}`);
    for await (const part of response) take(part as Buffer);
  }

  close(): void {
    this.agent.destroy();
  }

  private send(method: string, path: string, body?: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string | number> = { ...this.headers };
      if (body !== undefined) {
        headers['content-type'] = 'application/json';
        headers['content-length'] = body.length;
      }
      const sent = request(this.origin + path, { method, agent: this.agent, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

/** The body of a 200. @throws for any other status */
export function bodyOf(answer: Answer): Buffer {
  if (answer.status === 200) return answer.body;
  throw new Error(`the exporter answered ${answer.status}: ${answer.body.toString().slice(0, 300)}`);
}
