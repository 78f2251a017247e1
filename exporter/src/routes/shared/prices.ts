/** Schemas and readings that the routes of prices share. */
import { Type } from 'typebox';
import { AppError } from '../../errors.js';
import { SERVICE_TIERS, type ServiceTier } from '../../facts/execution/columns.js';
import { NO_NUL } from '../../ids.js';
import { parseDate, parseTime } from '../../time.js';

const MAX_USD = 1_000_000;
const MAX_NAME = 256;

export const PriceName = (description: string) =>
  Type.String({ minLength: 1, maxLength: MAX_NAME, pattern: NO_NUL, description });

export const Tier = (description: string) =>
  Type.Unsafe<ServiceTier>(Type.String({ enum: [...SERVICE_TIERS], description }));

const PER_MTOK = 'USD per million tokens, with at most 6 decimals.';
export const UsdPerMtok = (description: string) =>
  Type.Number({ minimum: 0, maximum: MAX_USD, description: `${description} ${PER_MTOK}` });
export const UsdPerCall = (description: string) =>
  Type.Number({ minimum: 0, maximum: MAX_USD, description: `${description} USD, with at most 6 decimals.` });

/** A date or a time in milliseconds. */
export function priceTime(field: string, text: string): number {
  const time = parseDate(text) ?? parseTime(text);
  if (time !== undefined) return time;
  throw new AppError(
    'VALIDATION_ERROR',
    `${field} must be a date such as 2026-03-01 or an RFC 3339 time such as 2026-03-01T00:00:00Z`,
  );
}
