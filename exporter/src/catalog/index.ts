/** What can be measured, and by what. */
export * from './dimensions.js';
export { ERROR_STATUS, METRIC_TYPES, type MetricType, OTHER_ENDPOINT } from './events.js';
export { RUNNING, SUCCESS } from './executions.js';
export * from './intervals.js';
export { hasTimeDimensions, isState, measuresOf } from './metric.js';
export * from './metrics.js';
