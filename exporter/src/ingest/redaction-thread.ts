/** Replaces what patterns match in a worker thread: one search of a long text would block the event loop. */
import { Pauses } from '../pause.js';
import { WorkerThread } from '../worker-thread.js';
import { notAcknowledged } from './available.js';

const MAX_HEAP_MB = 512;
/** UTF-16 units of a message, which is copied at once; a longer text is one of its own. */
const MESSAGE_UNITS = 512 * 1024;

export class RedactionThread {
  private readonly thread: WorkerThread<string[], string[]>;

  constructor(patterns: readonly string[]) {
    this.thread = new WorkerThread({
      here: new URL(import.meta.url),
      name: 'redaction-worker',
      maxHeapMb: MAX_HEAP_MB,
      data: patterns,
      died: (cause) => notAcknowledged('the thread that redacts content has ended', cause),
      closed: () => notAcknowledged('the service is closing'),
    });
  }

  /**
   * The texts with each match replaced, in their order.
   * @throws AppError UNAVAILABLE if the thread died
   */
  async replace(texts: readonly string[]): Promise<string[]> {
    const replaced: string[] = [];
    const pauses = new Pauses();
    for (const message of messagesOf(texts)) {
      // One message after the other, so that the requests of others have their turn.
      for (const text of await this.thread.ask(message)) replaced.push(text);
      if (pauses.isDue) await pauses.take();
    }
    return replaced;
  }

  close(): Promise<void> {
    return this.thread.close();
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
