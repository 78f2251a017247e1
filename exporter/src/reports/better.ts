/** Which metrics are better when they rise, or when they fall. Most are neither: more spend may be more work. */
const BETTER_WHEN_HIGHER = /(?:success|completion|cache_hit)_rate$/;
const BETTER_WHEN_LOWER = /error|failure|_duration_|unpriced|rate_limited|_cost_avg_/;

/** Undefined where a change is neither good nor bad. */
export function isBetter(metric: string, change: number): boolean | undefined {
  if (change === 0) return undefined;
  if (BETTER_WHEN_HIGHER.test(metric)) return change > 0;
  if (BETTER_WHEN_LOWER.test(metric)) return change < 0;
  return undefined;
}
