/** The number in a limit field, truncated and at most `max`; undefined for anything below 1 or not a number. */
export function parseLimit(text: string, max: number): number | undefined {
  const limit = Math.trunc(Number(text));
  return Number.isFinite(limit) && limit >= 1 ? Math.min(limit, max) : undefined;
}
