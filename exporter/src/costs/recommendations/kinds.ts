/** The kinds of recommendations, in the order in which they are looked for. */
import { cheaperModel } from './cheaper-model.js';
import type { Kind } from './finding.js';
import { idleAgent } from './idle-agent.js';

export const KINDS: readonly Kind[] = [cheaperModel, idleAgent];
