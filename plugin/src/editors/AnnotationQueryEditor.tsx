import type { QueryEditorProps } from '@grafana/data';
import { RadioButtonGroup, Stack } from '@grafana/ui';
import { annotationTarget } from '../annotations/support';
import type { AnalyticsDataSource } from '../datasource';
import { findMetric } from '../queries/plan';
import { selectors } from '../selectors';
import type { AnalyticsOptions, AnalyticsQuery, AnnotationKind } from '../types';
import { FilterList } from './FilterList';
import { EditorField, EditorNote, EditorRow } from './layout';
import { dimensionOptions } from './options';
import { useCatalog } from './useCatalog';

const labels = selectors.AnnotationQueryEditor;

const KINDS: Array<{ value: AnnotationKind; label: string }> = [
  { value: 'rotations', label: labels.kind.rotations },
  { value: 'jobs', label: labels.kind.jobs },
];

/** What an annotation marks, and of which agents. */
export function AnnotationQueryEditor({
  datasource,
  query: stored,
  onChange,
  onRunQuery,
}: QueryEditorProps<AnalyticsDataSource, AnalyticsQuery, AnalyticsOptions>) {
  const { catalog } = useCatalog(datasource);
  const query = annotationTarget(stored);
  const kind = query.annotation ?? 'rotations';
  const update = (changed: AnalyticsQuery) => {
    onChange(changed);
    onRunQuery();
  };
  return (
    <Stack direction="column" gap={0.5}>
      <EditorRow>
        <EditorField label={labels.kind.label}>
          {({ id }) => (
            <RadioButtonGroup
              id={id}
              options={KINDS}
              value={kind}
              onChange={(annotation) => update({ ...query, annotation })}
            />
          )}
        </EditorField>
      </EditorRow>
      <EditorNote>{labels[kind]}</EditorNote>
      {kind === 'rotations' && (
        <EditorRow>
          <FilterList
            datasource={datasource}
            filters={query.filters}
            // Marks are made of time already: only what says whose they are can be chosen.
            dimensions={dimensionOptions(catalog, findMetric(catalog, 'credential_rotations'))}
            onChange={(filters) => update({ ...query, filters })}
          />
        </EditorRow>
      )}
    </Stack>
  );
}
