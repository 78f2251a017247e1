import type { QueryEditorProps } from '@grafana/data';
import { Alert, Button, Stack } from '@grafana/ui';
import type { AnalyticsDataSource } from '../datasource';
import { normalizeQuery } from '../query';
import { selectors } from '../selectors';
import type { AnalyticsOptions, AnalyticsQuery } from '../types';
import { changeType } from './changes';
import { Choice } from './Choice';
import { EditorField, EditorRow } from './layout';
import { editorOf, TYPE_OPTIONS } from './queryEditors';
import { useCatalog } from './useCatalog';

const labels = selectors.QueryEditor;

export type Props = QueryEditorProps<AnalyticsDataSource, AnalyticsQuery, AnalyticsOptions>;

/** What is asked for, and the fields of that kind of query. */
export function QueryEditor({ datasource, query: stored, onChange, onRunQuery }: Props) {
  const { catalog, error, retry } = useCatalog(datasource);
  const query = normalizeQuery(stored);
  const update = (changed: AnalyticsQuery) => {
    onChange(changed);
    onRunQuery();
  };
  const { type, Editor } = editorOf(query);
  return (
    <Stack direction="column" gap={0.5}>
      {error && (
        <Alert
          severity="error"
          title={labels.noCatalog}
          action={
            <Button variant="secondary" size="sm" onClick={retry}>
              {labels.retry}
            </Button>
          }
        >
          {error}
        </Alert>
      )}
      <EditorRow>
        <EditorField label={labels.queryType.label}>
          {(ids) => (
            <Choice
              ids={ids}
              width={30}
              options={TYPE_OPTIONS}
              value={type}
              onChange={(chosen) => update(changeType(query, chosen))}
            />
          )}
        </EditorField>
      </EditorRow>
      <Editor datasource={datasource} query={query} catalog={catalog} onChange={update} />
    </Stack>
  );
}
