import type { BaseQuery } from '../types';
import type { EditorProps } from '../queryTypes/definition';
import { FilterList } from './FilterList';
import { EditorRow } from './layout';
import { KEEP_OPTIONS, namedDimensions } from './options';

interface KeepFiltersProps<Query extends BaseQuery> extends EditorProps<Query> {
  dimensions: readonly string[];
}

/** The filters of a route that can only keep values. */
export function KeepFilters<Query extends BaseQuery>({
  client,
  query,
  catalog,
  dimensions,
  onChange,
}: KeepFiltersProps<Query>) {
  return (
    <EditorRow>
      <FilterList
        client={client}
        filters={query.filters}
        dimensions={namedDimensions(catalog, dimensions)}
        operators={KEEP_OPTIONS}
        onChange={(filters) => onChange({ ...query, filters })}
      />
    </EditorRow>
  );
}
