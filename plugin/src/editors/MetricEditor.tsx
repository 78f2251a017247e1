import type { Metric } from '../api/types';
import { findMetric } from '../queries/plan';
import { selectors } from '../selectors';
import type { AnalyticsQuery } from '../types';
import { changeFormat, changeGroupBy, changeMetric, settleOrder } from './changes';
import { Choice, MultiChoice } from './Choice';
import { DisplayRow } from './DisplayRow';
import { FilterList } from './FilterList';
import { EditorField, EditorNote, EditorRow } from './layout';
import { dimensionOptions, formatOptions, intervalOptions, metricOptions, unitTitle } from './options';
import type { EditorProps } from './queryEditors';

const labels = selectors.QueryEditor;

/** A query made of the catalog: what it offers is what the exporter can answer. */
export function MetricEditor({ datasource, query, catalog, onChange: update }: EditorProps) {
  const metric = findMetric(catalog, query.metric);
  const isHeatmap = query.format.startsWith('heatmap');
  return (
    <>
      <EditorRow>
        <EditorField
          label={labels.metric.label}
          error={isUnknown(query, catalog, metric) ? labels.unknownMetric : undefined}
        >
          {(ids) => (
            <Choice
              ids={ids}
              width={30}
              placeholder={labels.metric.placeholder}
              options={metricOptions(catalog)}
              value={query.metric || null}
              onChange={(name) => update(changeMetric(query, name, findMetric(catalog, name)))}
            />
          )}
        </EditorField>
        {!isHeatmap && (
          <EditorField label={labels.groupBy.label} tooltip={labels.groupBy.tooltip} width={28}>
            {(ids) => (
              <MultiChoice
                ids={ids}
                placeholder={labels.groupBy.placeholder}
                options={dimensionOptions(catalog, metric)}
                value={query.groupBy.map((name) => ({
                  value: name,
                  label: catalog?.dimensions.find((dimension) => dimension.name === name)?.title ?? name,
                }))}
                onChange={(groupBy) => update(changeGroupBy(query, groupBy))}
              />
            )}
          </EditorField>
        )}
        <EditorField label={labels.format.label}>
          {(ids) => (
            <Choice
              ids={ids}
              width={26}
              options={formatOptions(metric)}
              value={query.format}
              onChange={(format) => update(changeFormat(query, format))}
            />
          )}
        </EditorField>
        {!isHeatmap && (
          <EditorField
            {...(query.sparkline
              ? labels.trendInterval
              : { label: labels.interval.label, tooltip: labels.interval.tooltip })}
          >
            {(ids) => (
              <Choice
                ids={ids}
                width={14}
                options={intervalOptions(metric, query.sparkline)}
                value={query.sparkline && query.interval === 'none' ? 'auto' : query.interval}
                onChange={(interval) => update(settleOrder({ ...query, interval }))}
              />
            )}
          </EditorField>
        )}
      </EditorRow>
      {metric && <Explanation metric={metric} />}
      <EditorRow>
        <FilterList
          datasource={datasource}
          filters={query.filters}
          dimensions={dimensionOptions(catalog, metric)}
          onChange={(filters) => update({ ...query, filters })}
        />
      </EditorRow>
      <DisplayRow query={query} catalog={catalog} metric={metric} isHeatmap={isHeatmap} onChange={update} />
    </>
  );
}

function Explanation({ metric }: { metric: Metric }) {
  return (
    <EditorNote>
      {metric.description} {labels.unit}: {unitTitle(metric.unit)}.
    </EditorNote>
  );
}

/** A name that the catalog lacks; one with a variable is known only when it runs. */
function isUnknown({ metric: name }: AnalyticsQuery, catalog: unknown, metric: Metric | undefined): boolean {
  return Boolean(catalog && name && !metric && !name.includes('$'));
}
