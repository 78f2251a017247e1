/** The kinds of recommendations, in the order in which they are looked for. */
import { cheaperModel } from './cheaper-model.js';
import { failedSpend } from './failed-spend.js';
import type { Kind } from './finding.js';
import { idleAgent } from './idle-agent.js';
import { retryLoop } from './retry-loop.js';
import { unpriced } from './unpriced.js';

export const KINDS: readonly Kind[] = [cheaperModel, retryLoop, failedSpend, unpriced, idleAgent];
