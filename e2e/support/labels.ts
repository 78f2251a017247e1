/** The plugin's own labels, for finding its controls. */
import { createRequire } from 'node:module';

import type * as plugin from '../../plugin/src/selectors.js';

// Playwright loads the plugin's sources as CommonJS, which has no named imports here.
export const { selectors } = createRequire(import.meta.url)('../../plugin/src/selectors.ts') as typeof plugin;
