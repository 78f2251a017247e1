import { RadioButtonGroup } from '@grafana/ui';
import { Choice } from '../../editors/Choice';
import { FilterList } from '../../editors/FilterList';
import { EditorField, EditorNote, EditorRow } from '../../editors/layout';
import { parseLimit } from '../../editors/limit';
import { DIRECTION_OPTIONS, KEEP_OPTIONS, namedDimensions } from '../../editors/options';
import { TextField } from '../../editors/TextField';
import { selectors } from '../../selectors';
import type { BaseQuery } from '../../types';
import type { EditorProps } from '../definition';
import { labels } from './labels';
import { DEFAULT_EXECUTIONS, EXECUTION_SORTS, filterDimensions, MAX_EXECUTIONS } from './list';

const [FIRST_SORT] = EXECUTION_SORTS;

const SORT_OPTIONS = EXECUTION_SORTS.map((value) => ({ value, label: labels.sortBy.options[value] }));

/** Filters and sorts the executions of the time range. */
export function ExecutionsEditor({ client, query, catalog, onChange }: EditorProps<BaseQuery>) {
  const { by, direction } = query.orderBy ?? { by: FIRST_SORT, direction: 'desc' as const };
  return (
    <>
      <EditorNote>{labels.explanation}</EditorNote>
      <EditorRow>
        <FilterList
          client={client}
          filters={query.filters}
          dimensions={namedDimensions(catalog, filterDimensions(catalog))}
          operators={KEEP_OPTIONS}
          onChange={(filters) => onChange({ ...query, filters })}
        />
      </EditorRow>
      <EditorRow>
        <EditorField label={labels.sortBy.label}>
          {(ids) => (
            <Choice
              ids={ids}
              width={18}
              options={SORT_OPTIONS}
              value={EXECUTION_SORTS.find((sort) => sort === by) ?? null}
              onChange={(sort) => onChange({ ...query, orderBy: { by: sort, direction } })}
            />
          )}
        </EditorField>
        <EditorField label={selectors.QueryEditor.direction.label}>
          {({ id }) => (
            <RadioButtonGroup
              id={id}
              options={DIRECTION_OPTIONS}
              value={direction}
              onChange={(chosen) => onChange({ ...query, orderBy: { by, direction: chosen } })}
            />
          )}
        </EditorField>
        <EditorField label={selectors.QueryEditor.limit.label} tooltip={labels.limit.tooltip}>
          {(ids) => (
            <TextField
              ids={ids}
              type="number"
              width={12}
              placeholder={String(DEFAULT_EXECUTIONS)}
              value={query.limit === undefined ? '' : String(query.limit)}
              onCommit={(text) => onChange({ ...query, limit: parseLimit(text, MAX_EXECUTIONS) })}
            />
          )}
        </EditorField>
      </EditorRow>
    </>
  );
}
