import type { QueryEditorProps } from '@grafana/data';
import { Alert, Button, Combobox, MultiCombobox, Stack, Text } from '@grafana/ui';
import type { Metric } from '../api/types';
import type { AnalyticsDataSource } from '../datasource';
import { findMetric } from '../queries/plan';
import { normalizeQuery } from '../query';
import { selectors } from '../selectors';
import type { AnalyticsOptions, AnalyticsQuery } from '../types';
import { changeFormat, changeGroupBy, changeMetric, settleOrder } from './changes';
import { DisplayRow } from './DisplayRow';
import { FilterList } from './FilterList';
import { EditorField, EditorRow } from './layout';
import { dimensionOptions, formatOptions, intervalOptions, metricOptions, unitTitle } from './options';
import { useCatalog } from './useCatalog';

const labels = selectors.QueryEditor;

export type Props = QueryEditorProps<AnalyticsDataSource, AnalyticsQuery, AnalyticsOptions>;

/** A query made of the catalog: what it offers is what the exporter can answer. */
export function QueryEditor({ datasource, query: stored, onChange, onRunQuery }: Props) {
  const { catalog, error, retry } = useCatalog(datasource);
  const query = normalizeQuery(stored);
  const metric = findMetric(catalog, query.metric);
  const isHeatmap = query.format.startsWith('heatmap');
  const update = (changed: AnalyticsQuery) => {
    onChange(changed);
    onRunQuery();
  };
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
        <EditorField
          label={labels.metric.label}
          error={isUnknown(query, catalog, metric) ? labels.unknownMetric : undefined}
        >
          {(ids) => (
            <Combobox
              {...ids}
              width={36}
              placeholder={labels.metric.placeholder}
              options={metricOptions(catalog)}
              value={query.metric ? { value: query.metric, label: metric?.title ?? query.metric } : null}
              createCustomValue
              onChange={({ value }) => update(changeMetric(query, value, findMetric(catalog, value)))}
            />
          )}
        </EditorField>
        {!isHeatmap && (
          <EditorField label={labels.groupBy.label} tooltip={labels.groupBy.tooltip} width={34}>
            {(ids) => (
              <MultiCombobox
                {...ids}
                placeholder={labels.groupBy.placeholder}
                options={dimensionOptions(catalog, metric)}
                value={query.groupBy.map((name) => ({
                  value: name,
                  label: catalog?.dimensions.find((dimension) => dimension.name === name)?.title ?? name,
                }))}
                onChange={(chosen) =>
                  update(
                    changeGroupBy(
                      query,
                      chosen.map(({ value }) => value),
                    ),
                  )
                }
              />
            )}
          </EditorField>
        )}
        <EditorField label={labels.format.label}>
          {(ids) => (
            <Combobox
              {...ids}
              width={28}
              options={formatOptions(metric)}
              value={query.format}
              onChange={({ value }) => update(changeFormat(query, value))}
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
              <Combobox
                {...ids}
                width={16}
                options={intervalOptions(metric, query.sparkline)}
                value={query.sparkline && query.interval === 'none' ? 'auto' : query.interval}
                onChange={({ value }) => update(settleOrder({ ...query, interval: value }))}
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
    </Stack>
  );
}

function Explanation({ metric }: { metric: Metric }) {
  return (
    <Text color="secondary" variant="bodySmall" element="p">
      {metric.description} {labels.unit}: {unitTitle(metric.unit)}.
    </Text>
  );
}

/** A name that the catalog lacks; one with a variable is known only when it runs. */
function isUnknown({ metric: name }: AnalyticsQuery, catalog: unknown, metric: Metric | undefined): boolean {
  return Boolean(catalog && name && !metric && !name.includes('$'));
}
