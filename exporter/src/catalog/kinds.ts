// Generated from the files of this folder by `npm run generate`; do not edit.
import { EVENT_METRICS, type EventMeasure } from './events.js';
import { EXECUTION_METRICS, type ExecutionMeasure } from './executions.js';
import { SESSION_METRICS, type SessionMeasure } from './sessions.js';
import type { FormulaOf, MetricOf } from './metric.js';

/** What aggregates keep, and metrics are made of. */
export type Measure = EventMeasure | ExecutionMeasure | SessionMeasure;
export type Formula = FormulaOf<Measure>;
export type Metric = MetricOf<Measure>;

export const METRICS: readonly Metric[] = [...EVENT_METRICS, ...EXECUTION_METRICS, ...SESSION_METRICS];
