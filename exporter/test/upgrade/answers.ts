/** Answers of two releases compared: a later one may add fields, columns and groups of fields, and change none. */
import { parse } from 'csv-parse/sync';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** The body as values: JSON as it is, CSV as a list of rows by their header. */
const readBody = (body: string): Json =>
  body.startsWith('{') ? (JSON.parse(body) as Json) : (parse(body, { columns: true }) as Json);

/** What of `now` is in `before` too: whatever else an object has is left out. */
function common(now: Json, before: Json): Json {
  if (Array.isArray(now) && Array.isArray(before)) {
    if (before.every(isColumn) && now.every(isColumn)) {
      const known = now.filter(({ name }) => before.some((column) => column.name === name));
      return known.map((column, i) => (i < before.length ? common(column, before[i]!) : column));
    }
    return now.map((item, i) => (i < before.length ? common(item, before[i]!) : item));
  }
  if (!isObject(now) || !isObject(before)) return now;
  const kept = Object.entries(now).filter(([key]) => key in before);
  return Object.fromEntries(kept.map(([key, value]) => [key, common(value, before[key]!)]));
}

/** A column of `POST /query`, which its name identifies. */
const isColumn = (value: Json): value is { name: Json; values: Json } =>
  isObject(value) && 'name' in value && 'values' in value;

const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fails where a field of an earlier answer is missing or has another value; a list must have the same items. */
export function expectUnchanged(now: Record<string, string>, before: Record<string, string>): void {
  for (const [path, body] of Object.entries(before)) {
    const earlier = readBody(body);
    expect({ path, answer: common(readBody(now[path] ?? ''), earlier) }).toEqual({ path, answer: earlier });
  }
}
