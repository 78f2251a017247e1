import { metricNamed } from '../../api/catalog';
import { MultiChoice } from '../../editors/Choice';
import { KeepFilters } from '../../editors/KeepFilters';
import { EditorField, EditorNote, EditorRow } from '../../editors/layout';
import { variableOptions } from '../../editors/options';
import type { EditorProps } from '../definition';
import { DIMENSIONS } from './agents';
import { labels } from './labels';
import type { CompareAgentsQuery } from './query';

/** Selects the metrics, and the agents by a filter. */
export function CompareAgentsEditor(props: EditorProps<CompareAgentsQuery>) {
  const { query, catalog, onChange } = props;
  const { compareMetrics = [] } = query;
  const options = (catalog?.metrics ?? [])
    .filter(({ dimensions }) => dimensions.includes('agent'))
    .map(({ name, title, description }) => ({ value: name, label: title, description }));
  const hasAgents = query.filters.some(({ dimension, values }) => dimension === 'agent' && values.length > 0);
  return (
    <>
      <EditorNote>
        {labels.explanation} {hasAgents ? null : labels.agents}
      </EditorNote>
      <EditorRow>
        <EditorField label={labels.metrics.label} tooltip={labels.metrics.tooltip} width={80}>
          {(ids) => (
            <MultiChoice
              ids={ids}
              placeholder={labels.metrics.placeholder}
              options={[...options, ...variableOptions()]}
              value={compareMetrics.map((name) => ({
                value: name,
                label: metricNamed(catalog, name)?.title ?? name,
              }))}
              onChange={(metrics) => onChange({ ...query, compareMetrics: metrics })}
            />
          )}
        </EditorField>
      </EditorRow>
      <KeepFilters {...props} dimensions={DIMENSIONS} />
    </>
  );
}
