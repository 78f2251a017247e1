/** What can be measured, and by what. */
export * from './dimensions.js';
export { METRIC_TYPES, type MetricType } from '../facts/event/metric-types.js';
export { ERROR_STATUS, OTHER_ENDPOINT, RATE_LIMITED_STATUS } from './events.js';
export { NESTED, RUNNING, SUCCESS, TOP } from './executions.js';
export * from './intervals.js';
export { hasTimeDimensions, isState, measuresOf } from './metric.js';
export * from './metrics.js';
