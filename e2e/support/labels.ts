/** The plugin's own labels, for finding its controls. */
import { createRequire } from 'node:module';

import type * as execution from 'agentidp-analytics-datasource/labels/execution';
import type * as metric from 'agentidp-analytics-datasource/labels/metric';
import type * as plugin from 'agentidp-analytics-datasource/selectors';

// Playwright treats the sources of the plugin as CommonJS, whose names cannot be imported one by one.
const require = createRequire(import.meta.url);

export const { selectors } = require('agentidp-analytics-datasource/selectors') as typeof plugin;
export const { labels: executionLabels } =
  require('agentidp-analytics-datasource/labels/execution') as typeof execution;
export const { labels: metricLabels } =
  require('agentidp-analytics-datasource/labels/metric') as typeof metric;
