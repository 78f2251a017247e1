/** The kinds of recommendations, in the order in which they are looked for. */
import { cheaperModel } from './cheaper-model.js';
import { failedSpend } from './failed-spend.js';
import type { Kind } from './finding.js';
import { followed } from './followed.js';
import { idleAgent } from './idle-agent.js';
import { oversizedContext } from './oversized-context.js';
import { promptCaching } from './prompt-caching.js';
import { retryLoop } from './retry-loop.js';
import { unpriced } from './unpriced.js';

export const KINDS: readonly Kind[] = [
  cheaperModel,
  promptCaching,
  retryLoop,
  failedSpend,
  oversizedContext,
  unpriced,
  idleAgent,
  followed,
];
