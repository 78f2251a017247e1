import { RadioButtonGroup, Stack } from '@grafana/ui';
import { findMetric } from '../../api/catalog';
import { FilterList } from '../../editors/FilterList';
import { EditorField, EditorNote, EditorRow } from '../../editors/layout';
import { dimensionOptions } from '../../editors/options';
import type { AnalyticsEditorProps } from '../../editors/props';
import { useCatalog } from '../../editors/useCatalog';
import { annotationTarget, type AnalyticsQuery } from '../../query';
import { labels } from './labels';
import type { AnnotationKind } from './query';
import { ROTATIONS } from './rotations';

const KINDS: Array<{ value: AnnotationKind; label: string }> = [
  { value: 'rotations', label: labels.kind.rotations },
  { value: 'jobs', label: labels.kind.jobs },
  { value: 'alerts', label: labels.kind.alerts },
];

/** Selects what is annotated, and for which agents. */
export function AnnotationQueryEditor({
  datasource,
  query: stored,
  onChange,
  onRunQuery,
}: AnalyticsEditorProps) {
  const { catalog } = useCatalog(datasource.client);
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
            client={datasource.client}
            filters={query.filters}
            dimensions={dimensionOptions(catalog, findMetric(catalog, ROTATIONS))}
            onChange={(filters) => update({ ...query, filters })}
          />
        </EditorRow>
      )}
    </Stack>
  );
}
