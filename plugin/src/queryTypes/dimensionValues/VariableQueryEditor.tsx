import { Alert, Stack } from '@grafana/ui';
import { Choice } from '../../editors/Choice';
import { EditorField, EditorRow } from '../../editors/layout';
import { dimensionOptions } from '../../editors/options';
import type { AnalyticsEditorProps } from '../../editors/props';
import { TextField } from '../../editors/TextField';
import { useCatalog } from '../../editors/useCatalog';
import { variableQuery, type AnalyticsQuery } from '../../query';
import { selectors } from '../../selectors';
import { labels } from './labels';

/** Selects the dimension whose values are the options of a variable. */
export function VariableQueryEditor({
  datasource,
  query: stored,
  onChange,
  onRunQuery,
}: AnalyticsEditorProps) {
  const { catalog, error } = useCatalog(datasource.client);
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
