/** The plugin's own labels, for finding its controls. */
import { createRequire } from 'node:module';

import type * as execution from '../../plugin/src/queryTypes/execution/labels.js';
import type * as metric from '../../plugin/src/queryTypes/metric/labels.js';
import type * as plugin from '../../plugin/src/selectors.js';

// Playwright treats the sources of the plugin as CommonJS, whose names cannot be imported one by one.
const require = createRequire(import.meta.url);

export const { selectors } = require('../../plugin/src/selectors.ts') as typeof plugin;
export const { labels: executionLabels } =
  require('../../plugin/src/queryTypes/execution/labels.ts') as typeof execution;
export const { labels: metricLabels } =
  require('../../plugin/src/queryTypes/metric/labels.ts') as typeof metric;
