import { RadioButtonGroup } from '@grafana/ui';
import { DEFAULT_EXECUTIONS, EXECUTION_SORTS, MAX_EXECUTIONS } from '../queries/executions';
import { filterDimensions } from '../queries/prepare';
import { selectors } from '../selectors';
import { parseLimit } from './changes';
import { Choice } from './Choice';
import { FilterList } from './FilterList';
import { EditorField, EditorNote, EditorRow } from './layout';
import { DIRECTION_OPTIONS, KEEP_OPTIONS, namedDimensions } from './options';
import type { EditorProps } from './queryEditors';
import { TextField } from './TextField';

const labels = selectors.ExecutionListEditor;
const [FIRST_SORT] = EXECUTION_SORTS;

const SORT_OPTIONS = EXECUTION_SORTS.map((value) => ({ value, label: labels.sortBy.options[value] }));

/** Which executions of the time range, and which of them first. */
export function ExecutionListEditor({ datasource, query, catalog, onChange }: EditorProps) {
  const { by, direction } = query.orderBy ?? { by: FIRST_SORT, direction: 'desc' as const };
  return (
    <>
      <EditorNote>{labels.explanation}</EditorNote>
      <EditorRow>
        <FilterList
          datasource={datasource}
          filters={query.filters}
          dimensions={namedDimensions(catalog, filterDimensions(query, catalog) ?? [])}
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
