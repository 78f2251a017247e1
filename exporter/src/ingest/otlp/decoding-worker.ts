/** The thread in which requests of spans are decoded. */
import { parentPort } from 'node:worker_threads';
import type { DecodeReply, DecodeRequest } from './decoding.js';
import { readSent } from './sent.js';

parentPort!.on('message', ({ id, body, encoding, bounds }: DecodeRequest) => {
  parentPort!.postMessage(replyTo(id, () => readSent(body, encoding, bounds)));
});

function replyTo(id: number, read: () => ReturnType<typeof readSent>): DecodeReply {
  try {
    return { id, sent: read() };
  } catch (error) {
    return { id, refusal: (error as Error).message };
  }
}
