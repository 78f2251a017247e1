/** Text as PostgreSQL stores it: without U+0000 and without lone surrogates, which jsonb refuses. */

/** @param units UTF-16 units to keep at most; a surrogate pair is never split */
export function storableText(text: string, units = Infinity): string {
  const whole = text.length <= units ? text : text.slice(0, endsInHalf(text, units) ? units - 1 : units);
  // Node.js 20 has the method; TypeScript declares it only in the library of ES2024.
  return (whole as string & { toWellFormed(): string }).toWellFormed().replaceAll('\0', '');
}

/** Whether a cut after `units` would split a surrogate pair. */
function endsInHalf(text: string, units: number): boolean {
  return (text.codePointAt(units - 1) ?? 0) > 0xffff;
}
