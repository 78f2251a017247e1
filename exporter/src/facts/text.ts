/** Texts as PostgreSQL takes them: without U+0000, and without half a surrogate pair, which jsonb refuses. */

/** @param units UTF-16 units to keep at most; a character of two of them is kept whole or not at all */
export function storableText(text: string, units = Infinity): string {
  const whole = text.length <= units ? text : text.slice(0, endsInHalf(text, units) ? units - 1 : units);
  // The runtime has it (Node.js 20); TypeScript's library for it is that of a later year.
  return (whole as string & { toWellFormed(): string }).toWellFormed().replaceAll('\0', '');
}

/** Whether a cut would part the first from the second half of a pair. */
function endsInHalf(text: string, units: number): boolean {
  return (text.codePointAt(units - 1) ?? 0) > 0xffff;
}
