/** Control characters, and characters that reorder or hide text on a terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text of a file, or its name, as it can be shown: no terminal obeys it. Escaped as `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) =>
    char === '\t' ? '\\t' : `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
}
