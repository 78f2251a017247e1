/**
 * Replaces what matches regular expressions. The engine is RE2's, whose time is linear in the length of the text: no
 * pattern can hang ingest.
 */
import { RE2JS } from 're2js';

const REDACTED = '[redacted]';

/** UTF-16 units of a text that are kept: more than is stored of any. */
const MAX_KEPT = 32 * 1024;
/**
 * Each search is linear, but their number is that of the matches. A text whose search takes longer, in milliseconds, is
 * replaced from where the search has come to its end.
 */
const MAX_TIME = 1_000;

/**
 * Splits a list of patterns at commas and line breaks. A comma within brackets, braces or parentheses, or behind a
 * backslash, is part of a pattern.
 */
export function patternsIn(list: string): string[] {
  const patterns: string[] = [];
  let [pattern, depth, classFrom] = ['', 0, -1];
  const end = (): void => {
    if (pattern.trim() !== '') patterns.push(pattern.trim());
    pattern = '';
  };
  for (let i = 0; i < list.length; i += 1) {
    const character = list[i]!;
    if (character === '\\') {
      i += 1;
      pattern += list[i] === ',' ? ',' : character + (list[i] ?? '');
      continue;
    }
    if (classFrom >= 0) {
      // A bracket at the beginning of a class is one of its characters.
      const isFirst = /^\[\^?$/.test(list.slice(classFrom, i));
      if (character === ']' && !isFirst) classFrom = -1;
    } else if (character === '[') classFrom = i;
    else if (character === '(' || character === '{') depth += 1;
    else if (character === ')' || character === '}') depth -= 1;
    if (character === '\n' || (character === ',' && depth <= 0 && classFrom < 0)) end();
    else pattern += character;
  }
  end();
  return patterns;
}

/** @throws Error that says what is wrong with the pattern */
export function compilePattern(pattern: string): RE2JS {
  const compiled = compiledOf(pattern);
  if (compiled.matcher('').find()) throw new Error('it matches the empty text');
  return compiled;
}

function compiledOf(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(message.replace(/^error parsing regexp: /, '').replace(/: `.*$/s, ''), { cause: error });
  }
}

type Range = [from: number, to: number];

export class Redaction {
  private readonly patterns: readonly RE2JS[];

  constructor(patterns: readonly string[]) {
    this.patterns = patterns.map(compilePattern);
  }

  /** Whether there is anything to replace. */
  get isEmpty(): boolean {
    return this.patterns.length === 0;
  }

  /**
   * The text with each match replaced; matches that overlap are replaced together. A long text is searched whole and cut
   * afterwards, so that no part of a match stays at the cut.
   */
  replace(text: string): string {
    if (this.isEmpty || text === '') return text;
    const until = performance.now() + MAX_TIME;
    const ranges = this.patterns.flatMap((pattern) => rangesOf(pattern, text, until));
    let [replaced, at] = ['', 0];
    for (const [from, to] of merged(ranges)) {
      if (replaced.length > MAX_KEPT) break;
      replaced += text.slice(at, from) + REDACTED;
      at = to;
    }
    if (replaced.length <= MAX_KEPT) replaced += text.slice(at);
    return replaced.length > MAX_KEPT ? `${replaced.slice(0, MAX_KEPT)}…` : replaced;
  }
}

function rangesOf(pattern: RE2JS, text: string, until: number): Range[] {
  const ranges: Range[] = [];
  const matcher = pattern.matcher(text);
  while (matcher.find()) {
    // A boundary such as \b can match without a character.
    if (matcher.end() > matcher.start()) ranges.push([matcher.start(), matcher.end()]);
    if (performance.now() > until) return [...ranges, [matcher.end(), text.length]];
  }
  return ranges;
}

function merged(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (to > from) result.push([from, to]);
  }
  return result;
}
