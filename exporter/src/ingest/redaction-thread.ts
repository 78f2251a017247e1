/** Replaces what patterns match in a worker thread: one search of a long text would block the event loop. */
import { Worker } from 'node:worker_threads';
import { Pauses } from '../pause.js';
import { workerProgram } from '../worker-program.js';
import { notAcknowledged } from './available.js';

export interface RedactionAsk {
  id: number;
  texts: string[];
}
export type RedactionReply = { id: number } & ({ texts: string[] } | { failure: string });

interface Waiting {
  resolve: (texts: string[]) => void;
  reject: (error: Error) => void;
}

const MAX_HEAP_MB = 512;
/** UTF-16 units of a message, which is copied at once; a longer text is one of its own. */
const MESSAGE_UNITS = 512 * 1024;

export class RedactionThread {
  /** Started with the first text. */
  private worker: Worker | undefined;
  private closed = false;
  private readonly waiting = new Map<number, Waiting>();
  private asks = 0;

  constructor(private readonly patterns: readonly string[]) {}

  /**
   * The texts with each match replaced, in their order.
   * @throws AppError UNAVAILABLE if the thread died
   */
  async replace(texts: readonly string[]): Promise<string[]> {
    const replaced: string[] = [];
    const pauses = new Pauses();
    for (const message of messagesOf(texts)) {
      // One message after the other, so that the requests of others have their turn.
      for (const text of await this.ask(message)) replaced.push(text);
      if (pauses.isDue) await pauses.take();
    }
    return replaced;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.worker?.terminate();
  }

  private ask(texts: string[]): Promise<string[]> {
    if (this.closed) throw notAcknowledged('the service is closing');
    const worker = (this.worker ??= this.start());
    const id = (this.asks += 1);
    worker.ref();
    worker.postMessage({ id, texts } satisfies RedactionAsk);
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  private start(): Worker {
    const [file, options] = workerProgram(new URL(import.meta.url), 'redaction-worker', MAX_HEAP_MB);
    const worker = new Worker(file, { ...options, workerData: this.patterns });
    worker.on('message', (reply: RedactionReply) => {
      const waiting = this.end(reply.id);
      if ('texts' in reply) waiting?.resolve(reply.texts);
      else waiting?.reject(new Error(`content could not be redacted: ${reply.failure}`));
    });
    let cause: unknown;
    worker.on('error', (error) => (cause = error));
    worker.on('exit', () => {
      // The next request starts a new thread.
      this.worker = undefined;
      for (const id of [...this.waiting.keys()]) {
        this.end(id)!.reject(notAcknowledged('the thread that redacts content has ended', cause));
      }
    });
    return worker;
  }

  private end(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    // An idle thread must not keep the process alive.
    if (this.waiting.size === 0) this.worker?.unref();
    return waiting;
  }
}

function* messagesOf(texts: readonly string[]): Generator<string[]> {
  let [message, units]: [string[], number] = [[], 0];
  for (const text of texts) {
    if (message.length > 0 && units + text.length > MESSAGE_UNITS) {
      yield message;
      [message, units] = [[], 0];
    }
    message.push(text);
    units += text.length;
  }
  if (message.length > 0) yield message;
}
