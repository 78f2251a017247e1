/** Variables that look like a setting but are none, so that a mistyped name does not stay unnoticed. */
import { type Environment, fileVariable } from './secret-files.js';

export interface UnknownSetting {
  name: string;
  /** The setting that was probably meant. */
  like: string;
}

/** @param known all names that are read */
export function unknownSettings(env: Environment, known: ReadonlySet<string>): UnknownSetting[] {
  return Object.keys(env)
    .filter((name) => !known.has(name) && env[name] !== '')
    .flatMap((name) => {
      const like = [...known].find((setting) => resembles(name.toUpperCase(), setting));
      return like === undefined ? [] : [{ name, like }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function resembles(name: string, setting: string): boolean {
  if (name === fileVariable(setting)) return true;
  // Short names such as PORT are one letter away from many others.
  const most = Math.min(2, Math.floor(setting.length / 5));
  return isWithin(name, setting, most) || hasWordsOf(name, setting);
}

/** Such as `JWT_SECRET` for `AUTH_JWT_SECRET`. One word alone says too little. */
function hasWordsOf(name: string, setting: string): boolean {
  const words = name.split('_');
  const own = setting.split('_');
  return words.length > 1 && words.length === own.length - 1 && words.every((word) => own.includes(word));
}

/** Whether `a` becomes `b` with at most `most` letters added, removed or replaced. */
function isWithin(a: string, b: string, most: number): boolean {
  if (Math.abs(a.length - b.length) > most) return false;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = row[j - 1]! + (letter === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]! <= most;
}
