import { dimensionTitle, findMetric } from '../../api/catalog';
import type { Metric } from '../../api/types';
import { Choice, MultiChoice } from '../../editors/Choice';
import { FilterList } from '../../editors/FilterList';
import { EditorField, EditorNote, EditorRow } from '../../editors/layout';
import { dimensionOptions } from '../../editors/options';
import { selectors } from '../../selectors';
import type { EditorProps } from '../definition';
import { changeFormat, changeGroupBy, changeMetric, dropInvalidOrder } from './changes';
import { DisplayRow } from './DisplayRow';
import { labels } from './labels';
import { formatOptions, intervalOptions, metricOptions, unitTitle } from './options';
import type { MetricQuery } from './query';

/** Offers the metrics, dimensions and intervals that the catalog lists. */
export function MetricEditor({ client, query, catalog, onChange: update }: EditorProps<MetricQuery>) {
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
                  label: dimensionTitle(catalog, name),
                }))}
                onChange={(groupBy) => update(changeGroupBy(query, groupBy))}
              />
            )}
          </EditorField>
        )}
        <EditorField label={selectors.QueryEditor.format.label}>
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
                onChange={(interval) => update(dropInvalidOrder({ ...query, interval }))}
              />
            )}
          </EditorField>
        )}
      </EditorRow>
      {metric && <MetricDescription metric={metric} />}
      <EditorRow>
        <FilterList
          client={client}
          filters={query.filters}
          dimensions={dimensionOptions(catalog, metric)}
          onChange={(filters) => update({ ...query, filters })}
        />
      </EditorRow>
      <DisplayRow query={query} catalog={catalog} metric={metric} isHeatmap={isHeatmap} onChange={update} />
    </>
  );
}

function MetricDescription({ metric }: { metric: Metric }) {
  return (
    <EditorNote>
      {metric.description} {labels.unit}: {unitTitle(metric.unit)}.
    </EditorNote>
  );
}

/** Whether the metric is missing from the catalog. A name with a variable is only known when the query runs. */
function isUnknown({ metric: name }: MetricQuery, catalog: unknown, metric: Metric | undefined): boolean {
  return Boolean(catalog && name && !metric && !name.includes('$'));
}
