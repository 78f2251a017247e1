/** What groups without a name, or without a value, are called. */
import { findDimension } from '../catalog/index.js';

/** Where a dimension has no value. */
const NONE: Readonly<Record<string, string>> = {
  agent: 'No agent',
  user: 'No user',
  // As GET /agents/{id}/errors calls it.
  errorType: 'unknown',
};

export const labelOf = (dimension: string, value: string | null, name: string | null): string =>
  name ?? value ?? NONE[dimension] ?? `No ${(findDimension(dimension)?.title ?? dimension).toLowerCase()}`;
