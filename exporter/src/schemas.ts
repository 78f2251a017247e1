/** TypeBox helpers for the schemas of every room. */
import { type TSchema, Type } from 'typebox';
import { ID_PATTERN } from './ids.js';

/** The error code with which a schema's refusal is answered. Without it the code is VALIDATION_ERROR. */
export const ERROR_CODE = 'x-error-code';

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** An object without any other property. */
export const Strict = <T extends Record<string, TSchema>>(properties: T, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

/** A string or null. */
export const Text = Nullable(Type.String());
export const Id = (description: string) => Type.String({ pattern: ID_PATTERN, description });
export const DateText = (description: string) =>
  Type.String({ description, examples: ['2026-03-06'], format: 'date' });
export const TimeText = (description: string) => Type.String({ description, format: 'date-time' });

export const Count = (description: string) => Type.Integer({ minimum: 0, description });
export const Usd = (description: string) =>
  Type.Number({ description: `${description} USD, at most 6 decimals.` });
/** The cost of a single execution, or of what is shown with it. */
export const UsdOfOne = (description: string) =>
  Type.Number({ description: `${description} USD, at most 12 decimals.`.trim() });
/** Null where nothing was counted. */
export const Percent = (description: string) =>
  Nullable(Type.Number({ description: `${description} Percent, 0 to 100; null if nothing was counted.` }));
/** Null where nothing was measured. */
export const Milliseconds = (description: string) =>
  Nullable(Type.Number({ description: `${description} Null if there are none.` }));
