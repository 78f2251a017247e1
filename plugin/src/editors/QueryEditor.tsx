import { Alert, Button, Stack } from '@grafana/ui';
import type { ComponentType } from 'react';
import { changeType, normalizeQuery, type AnalyticsQuery } from '../query';
import { PANEL_QUERY_TYPES, type PanelQueryType } from '../queryTypes';
import type { EditorProps } from '../queryTypes/definition';
import { selectors } from '../selectors';
import { Choice } from './Choice';
import { EditorField, EditorRow } from './layout';
import { lazyEditor } from './lazy';
import type { AnalyticsEditorProps } from './props';
import { useCatalog } from './useCatalog';

const labels = selectors.QueryEditor;

const TYPE_OPTIONS = PANEL_QUERY_TYPES.map(({ type, label, description }) => ({
  value: type,
  label,
  description,
}));

const EDITORS = new Map<PanelQueryType, ComponentType<EditorProps<AnalyticsQuery>>>(
  PANEL_QUERY_TYPES.map(({ type, loadEditor }) => [type, lazyEditor(loadEditor)]),
);

/** Selects the query type, and shows the editor of that type. */
export function QueryEditor({ datasource, query: stored, onChange, onRunQuery }: AnalyticsEditorProps) {
  const { catalog, error, retry } = useCatalog(datasource.client);
  const query = normalizeQuery(stored);
  const update = (changed: AnalyticsQuery) => {
    onChange(changed);
    onRunQuery();
  };
  const type = PANEL_QUERY_TYPES.find((known) => known.type === query.queryType)?.type ?? 'metric';
  const Editor = EDITORS.get(type);
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
      {Editor && <Editor client={datasource.client} query={query} catalog={catalog} onChange={update} />}
    </Stack>
  );
}
