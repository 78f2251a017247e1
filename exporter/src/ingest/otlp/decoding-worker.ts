/** The worker thread that decodes requests of spans. */
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../errors.js';
import { Content } from '../content.js';
import type { Ask, KeptContent, Reply } from './decoding.js';
import { NotARequest, Sent } from './sent.js';
import { checkStructure, TooLarge } from './structure.js';

/** Requests with further parts. */
const open = new Map<number, Sent>();
/** With its patterns compiled. */
let content = new Content();

parentPort!.on('message', (ask: Ask) => {
  if ('drop' in ask) open.delete(ask.id);
  else parentPort!.postMessage(replyTo(ask));
});

function replyTo(ask: Exclude<Ask, { drop: true }>): Reply {
  const { id } = ask;
  try {
    if ('body' in ask) checkStructure(ask.body, ask.encoding);
    const sent =
      'body' in ask ? new Sent(ask.body, ask.encoding, ask.bounds, contentFor(ask.content)) : open.get(id)!;
    const part = sent.next();
    if (sent.hasMore) open.set(id, sent);
    else open.delete(id);
    return { id, part, hasMore: sent.hasMore, refused: sent.refused };
  } catch (error) {
    open.delete(id);
    if (error instanceof TooLarge) return { id, tooLarge: error.message };
    if (error instanceof NotARequest) return { id, notARequest: error.message };
    return { id, failure: (error as Error).stack ?? messageOf(error) };
  }
}

/** The patterns are those of the service, and the same for every request. */
function contentFor({ capture, patterns }: KeptContent = new Content()): Content {
  if (content.patterns.join('\n') !== patterns.join('\n')) content = new Content('full', patterns);
  return content.upTo(capture);
}
