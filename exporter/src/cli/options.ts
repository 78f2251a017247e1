/** Options that several commands share. Commander adds the option's name to error messages. */
import { InvalidArgumentError, Option } from 'commander';
import { isId } from '../ids.js';
import { parseDate } from '../time.js';

const idOf =
  (noun: string) =>
  (text: string): string => {
    if (isId(text)) return text;
    throw new InvalidArgumentError(`${noun} id has 1 to 128 printable characters without white space.`);
  };
export const tenantId = idOf('A tenant');
export const agentId = idOf('An agent');

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Parses a date as midnight UTC, in milliseconds. */
export function date(text: string): number {
  const day = parseDate(text);
  if (day !== undefined) return day;
  throw new InvalidArgumentError('It must be a date such as 2026-03-06.');
}

/** Collects repeated options of the form `--name FIELD=VALUE` in a map. */
export function assignments(
  fields: readonly string[],
): (text: string, before: Map<string, string>) => Map<string, string> {
  return (text, before) => {
    const [, field, value] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (field === undefined || value === undefined)
      throw new InvalidArgumentError('It must have the form FIELD=VALUE.');
    if (!fields.includes(field))
      throw new InvalidArgumentError(`Unknown field "${field}"; fields are ${fields.join(', ')}.`);
    return new Map(before).set(field, value);
  };
}

export const requiredTenant = (description: string): Option =>
  new Option('--tenant <id>', description).argParser(tenantId).makeOptionMandatory();
