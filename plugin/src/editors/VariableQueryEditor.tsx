import type { QueryEditorProps } from '@grafana/data';
import { Alert, Stack } from '@grafana/ui';
import type { AnalyticsDataSource } from '../datasource';
import { selectors } from '../selectors';
import type { AnalyticsOptions, AnalyticsQuery } from '../types';
import { variableQuery } from '../variables/support';
import { Choice } from './Choice';
import { EditorField, EditorRow } from './layout';
import { dimensionOptions } from './options';
import { TextField } from './TextField';
import { useCatalog } from './useCatalog';

const labels = selectors.VariableQueryEditor;

/** A template variable's values: those of a dimension, all or by a text in them. */
export function VariableQueryEditor({
  datasource,
  query: stored,
  onChange,
  onRunQuery,
}: QueryEditorProps<AnalyticsDataSource, AnalyticsQuery, AnalyticsOptions>) {
  const { catalog, error } = useCatalog(datasource);
  const query = variableQuery(stored);
  const update = (changed: AnalyticsQuery) => {
    onChange(changed);
    onRunQuery();
  };
  return (
    <Stack direction="column" gap={0.5}>
      {error && (
        <Alert severity="error" title={selectors.QueryEditor.noCatalog}>
          {error}
        </Alert>
      )}
      <EditorRow>
        <EditorField label={labels.dimension.label} tooltip={labels.dimension.tooltip}>
          {(ids) => (
            <Choice
              ids={ids}
              width={24}
              options={dimensionOptions(catalog, undefined)}
              value={query.dimension ?? null}
              onChange={(dimension) => update({ ...query, dimension })}
            />
          )}
        </EditorField>
        <EditorField label={labels.search.label} tooltip={labels.search.tooltip}>
          {(ids) => (
            <TextField
              ids={ids}
              width={30}
              placeholder={labels.search.placeholder}
              value={query.search ?? ''}
              onCommit={(search) => update({ ...query, search: search || undefined })}
            />
          )}
        </EditorField>
      </EditorRow>
    </Stack>
  );
}
