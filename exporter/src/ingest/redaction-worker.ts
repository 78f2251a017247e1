/** The worker thread that replaces what patterns match. */
import { workerData } from 'node:worker_threads';
import { Redaction } from '../redaction.js';
import { answerMessages } from '../worker-thread.js';

const redaction = new Redaction(workerData as string[]);

answerMessages((texts: string[]) => texts.map((text) => redaction.replace(text)));
