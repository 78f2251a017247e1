/** The worker thread that replaces what patterns match. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../errors.js';
import { Redaction } from '../redaction.js';
import type { RedactionAsk, RedactionReply } from './redaction-thread.js';

const redaction = new Redaction(workerData as string[]);

parentPort!.on('message', ({ id, texts }: RedactionAsk) => {
  parentPort!.postMessage(replyTo(id, texts));
});

function replyTo(id: number, texts: readonly string[]): RedactionReply {
  try {
    return { id, texts: texts.map((text) => redaction.replace(text)) };
  } catch (error) {
    return { id, failure: messageOf(error) };
  }
}
