/** The texts by which the plugin's controls are found: its own. */
import { createRequire } from 'node:module';

import type * as plugin from '../../plugin/src/selectors.js';

// Playwright takes the plugin's sources for CommonJS, whose names cannot be imported one by one.
export const { selectors } = createRequire(import.meta.url)('../../plugin/src/selectors.ts') as typeof plugin;
