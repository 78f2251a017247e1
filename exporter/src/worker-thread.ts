/** Asks a program in a worker thread, which answers each message. For work that would block the event loop. */
import { parentPort, Worker } from 'node:worker_threads';
import { messageOf } from './errors.js';
import { workerProgram } from './worker-program.js';

type Numbered<Message> = { id: number; message: Message };
type Answered<Reply> = { id: number } & ({ reply: Reply } | { failure: string });

interface Waiting<Reply> {
  resolve: (reply: Reply) => void;
  reject: (error: Error) => void;
}

export interface ThreadOptions {
  /** The module that starts it, whose folder has the program. */
  here: URL;
  /** Name of the program's file, without its ending. */
  name: string;
  maxHeapMb: number;
  /** What the program finds in `workerData`. */
  data?: unknown;
  /** Error of those who wait when the thread dies. */
  died: (cause: unknown) => Error;
  /** Error of those who ask after the end. */
  closed: () => Error;
}

export class WorkerThread<Message, Reply> {
  /** Started with the first message. */
  private worker: Worker | undefined;
  private isClosed = false;
  private readonly waiting = new Map<number, Waiting<Reply>>();
  private asks = 0;

  constructor(private readonly options: ThreadOptions) {}

  /** @throws Error with the message of the one that the program threw */
  ask(message: Message): Promise<Reply> {
    if (this.isClosed) return Promise.reject(this.options.closed());
    const worker = (this.worker ??= this.start());
    const id = (this.asks += 1);
    worker.ref();
    worker.postMessage({ id, message } satisfies Numbered<Message>);
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  /** Number of messages that wait for an answer. */
  get pending(): number {
    return this.waiting.size;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.worker?.terminate();
  }

  private start(): Worker {
    const { here, name, maxHeapMb, data, died } = this.options;
    const [file, options] = workerProgram(here, name, maxHeapMb);
    const worker = new Worker(file, { ...options, workerData: data });
    worker.on('message', (answer: Answered<Reply>) => {
      const waiting = this.end(answer.id);
      if ('reply' in answer) waiting?.resolve(answer.reply);
      else waiting?.reject(new Error(answer.failure));
    });
    let cause: unknown;
    worker.on('error', (error) => (cause = error));
    worker.on('exit', () => {
      // The next message starts a new thread.
      this.worker = undefined;
      for (const id of [...this.waiting.keys()]) this.end(id)!.reject(died(cause));
    });
    return worker;
  }

  private end(id: number): Waiting<Reply> | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    // An idle thread must not keep the process alive.
    if (this.waiting.size === 0) this.worker?.unref();
    return waiting;
  }
}

/** The other side: answers each message in the thread. */
export function answerMessages<Message, Reply>(answer: (message: Message) => Reply): void {
  const replyTo = ({ id, message }: Numbered<Message>): Answered<Reply> => {
    try {
      return { id, reply: answer(message) };
    } catch (error) {
      return { id, failure: messageOf(error) };
    }
  };
  parentPort!.on('message', (asked: Numbered<Message>) => parentPort!.postMessage(replyTo(asked)));
}
