/** Options that several commands take, checked alike. What is wrong with one is told with its name. */
import { InvalidArgumentError, Option } from 'commander';
import { isId } from '../ids.js';
import { parseDate } from '../time.js';

const idOf =
  (whose: string) =>
  (text: string): string => {
    if (isId(text)) return text;
    throw new InvalidArgumentError(`${whose} id has 1 to 128 printable characters without white space.`);
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

/** Midnight UTC of a date, milliseconds. */
export function date(text: string): number {
  const day = parseDate(text);
  if (day !== undefined) return day;
  throw new InvalidArgumentError('It must be a date such as 2026-03-06.');
}

/** `--name FIELD=VALUE`, repeated; gathered into a map. */
export function assignments(
  fields: readonly string[],
): (text: string, before: Map<string, string>) => Map<string, string> {
  return (text, before) => {
    const [, field, value] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (field === undefined || value === undefined)
      throw new InvalidArgumentError('It must be like FIELD=VALUE.');
    if (!fields.includes(field))
      throw new InvalidArgumentError(`"${field}" is no field; fields are ${fields.join(', ')}.`);
    return new Map(before).set(field, value);
  };
}

export const requiredTenant = (description: string): Option =>
  new Option('--tenant <id>', description).argParser(tenantId).makeOptionMandatory();
