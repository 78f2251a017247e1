/** What a failed span says of its error: a message without a traceback, and a type that is a word. */

/** What Python writes before the frames of a traceback. */
const TRACEBACK = 'Traceback (most recent call last)';
const FRAMES = [
  // JavaScript, Java and C#.
  /^\s+at\s.*(?:\)|:(?:line )?\d+(?::\d+)?)\s*$/,
  // What Java and C# leave out, or write between errors.
  /^\s+(?:\.\.\. \d+ (?:more|common frames omitted)|--- End of .*---)\s*$/,
  // Python without its first line, and the code that it shows.
  /^\s*File ".*", line \d+(?:, in .*)?$/,
  // Ruby and PHP.
  /^\s*(?:from )?\S+\.rb:\d+:in /,
  /^#\d+ .*(?:\.php\(\d+\)|\{main\})/,
];
/** The code of a frame of Python, which is indented further. */
const PYTHON_CODE = /^\s{4,}\S/;
/** Go writes what ran at the end. */
const GOROUTINES = /\n\n?[ \t]*goroutine \d+ \[[\s\S]*$/;
/** How Python draws a group of exceptions. */
const GROUP = 'Exception Group Traceback';
const GROUP_RULE = /^ *\+[-+ ]*-.*$\n?/gm;
const GROUP_MARGIN = /^ *[|+] ?(?:Exception Group )?/gm;
/** Between the tracebacks of errors that caused each other. */
const CHAINED = /^(?:During handling of the above|The above exception was)/;

/** The class that Python's SDK writes before the message. */
const CLASS = /^[A-Za-z_][\w.]*: /;

/**
 * The message of an error.
 * @param status description of the span's status; may contain the class of the exception or a whole traceback
 * @param exception message of the exception that ended the span
 */
export function messageOfError(status: string, exception: string): string {
  // What else is in the status is the class, which stands in the type, and the traceback.
  if (
    exception.trim() !== '' &&
    (status.replace(CLASS, '') === exception || status === '' || hasFrames(status))
  ) {
    return plain(exception);
  }
  return plain(status);
}

/** Without frames, and without the colon after a class that says no more. */
const plain = (text: string): string =>
  withoutFrames(text)
    .trim()
    .replace(/^([\w.]+):$/, '$1');

const hasFrames = (text: string): boolean => text.includes(TRACEBACK);

function withoutFrames(sent: string): string {
  const text = sent.includes(GROUP) ? sent.replace(GROUP_RULE, '').replace(GROUP_MARGIN, '') : sent;
  const at = text.indexOf(TRACEBACK);
  if (at === -1) return withoutLooseFrames(text.replace(GOROUTINES, ''));
  const before = readable(text.slice(0, at).trim());
  return before === '' ? lastErrorIn(text.slice(at)) : before;
}

/** Frames among other lines. */
function withoutLooseFrames(text: string): string {
  const lines = text.split('\n');
  let isAfterFrame = false;
  const kept = lines.filter((line) => {
    const isFrame = FRAMES.some((frame) => frame.test(line));
    isAfterFrame = isFrame || (isAfterFrame && PYTHON_CODE.test(line));
    return !isAfterFrame;
  });
  return kept.length === lines.length ? text : kept.join('\n').trim();
}

/** After its frames, which are indented, a traceback names the error. The last one of several was raised. */
function lastErrorIn(tracebacks: string): string {
  const errors = tracebacks.split(TRACEBACK).map(errorAfterFrames);
  return errors.findLast((error) => error !== '') ?? '';
}

/** The message of an error may have several lines. */
function errorAfterFrames(traceback: string): string {
  const lines = traceback.split('\n').slice(1);
  const start = lines.findIndex((line) => /^\S/.test(line));
  if (start === -1) return '';
  const chained = lines.findIndex((line) => CHAINED.test(line));
  return lines
    .slice(start, chained === -1 ? undefined : chained)
    .join('\n')
    .trim();
}

/** `ValueError('no')`, as Python shows an exception. */
const REPR = /^[\w.]+\((['"])([\s\S]*)\1,?\)$/;

const readable = (text: string): string => REPR.exec(text)?.[2]?.replaceAll('\\n', '\n') ?? text;

/** A class, a code or a status. */
const WORD = /^[\p{L}\p{N}_$][\p{L}\p{N}_$.:/-]{0,127}$/u;
/** Where a class stands in a text that is no word. */
const CLASS_IN = [/^<class '([\w.]+)'>$/, /^([A-Za-z_][\w.]*)\(/, /^([A-Za-z_][\w.]*): /];
/** OpenTelemetry's word for an error without a type. */
const OTHER = '_OTHER';

/** The type of an error; undefined for a sentence. */
export function errorTypeIn(text: string): string | undefined {
  const word = text.trim();
  if (word === OTHER) return undefined;
  if (WORD.test(word)) return word;
  for (const pattern of CLASS_IN) {
    const [, name] = pattern.exec(word) ?? [];
    if (name !== undefined) return name.slice(0, 128);
  }
  return undefined;
}

/** Names of classes end like this. */
const ERROR_CLASS =
  /^(?:[A-Za-z_]\w*\.){0,9}[A-Z]\w{0,99}(?:Error|Exception|Timeout|Failure|Interrupt|Exit)(?=[:(]|$)/;
const TIMED_OUT = /time_?d?[ -]?out|deadline[ _]?exceeded/i;

/** The type of a timeout of which only the message is known. */
export const TIMEOUT = 'timeout';
/** A setting of that name was wrong. */
const OF_SETTING =
  /\b(?:invalid|unknown|unexpected|unsupported|missing|argument|parameter|option|field|keyword)\b[^.;]{0,40}\btime_?out|\btime_?out\w*['"`]? (?:must|should|cannot|is not|is required|parameter|argument|option)\b/i;
export const isTimeout = (text: string): boolean => TIMED_OUT.test(text) && !OF_SETTING.test(text);

/** The type of an error of which only the message is known. */
export function errorTypeOfMessage(message: string): string | undefined {
  const [name] = ERROR_CLASS.exec(message) ?? [];
  return name ?? (isTimeout(message) ? TIMEOUT : undefined);
}
