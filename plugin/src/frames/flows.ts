/** The steps of a flow as text. */
export function flowText(steps: readonly string[]): string {
  return steps.length > 0 ? steps.join(' → ') : '(no steps)';
}
