import { map } from 'rxjs';
import type { QueryTypeDefinition } from '../definition';
import { valueFrames } from './values';
import type { DimensionValuesQuery } from './query';

/** Maximum number of options of a variable. */
const MAX_VALUES = 1_000;

/** The values of a dimension, for a template variable. */
export const dimensionValues: QueryTypeDefinition<'dimensionValues', DimensionValuesQuery> = {
  type: 'dimensionValues',
  defaults: {},
  isComplete: ({ dimension }) => Boolean(dimension),
  displayText: ({ dimension }) => `Values of ${dimension}`,
  interpolate: ({ dimension, search }, { text }) => ({ dimension: text(dimension), search: text(search) }),
  filterDimensions: () => undefined,
  request: ({ refId, dimension = '', search }, _context, client) => ({
    frames: client
      .dimensionValues(dimension, { search, limit: MAX_VALUES })
      .pipe(map((values) => valueFrames(refId, values))),
  }),
};
