import { InlineSwitch, RadioButtonGroup } from '@grafana/ui';
import type { Catalog, Metric } from '../../api/types';
import { Choice } from '../../editors/Choice';
import { EditorField, EditorRow } from '../../editors/layout';
import { parseLimit } from '../../editors/limit';
import { DIRECTION_OPTIONS } from '../../editors/options';
import { TextField } from '../../editors/TextField';
import { selectors } from '../../selectors';
import { dropInvalidOrder, isSingleValue, MAX_GROUPS } from './changes';
import { labels } from './labels';
import { DEFAULT_ORDER, orderOptions } from './options';
import type { MetricQuery } from './query';

interface DisplayRowProps {
  query: MetricQuery;
  catalog?: Catalog;
  metric?: Metric;
  isHeatmap: boolean;
  onChange: (query: MetricQuery) => void;
}

/** Selects which groups are shown, in which order and under which name. */
export function DisplayRow({ query, catalog, metric, isHeatmap, onChange }: DisplayRowProps) {
  const direction = query.orderBy?.direction ?? 'desc';
  // A metric that is only available for a whole range has no trend.
  const hasTrend =
    query.format === 'table' && (!metric || metric.intervals.some((interval) => interval !== 'none'));
  if (query.format === 'heatmap-weekday-hour') {
    return null;
  }
  return (
    <EditorRow>
      {!isHeatmap && (
        <EditorField label={labels.orderBy.label}>
          {(ids) => (
            <Choice
              ids={ids}
              width={18}
              options={orderOptions(catalog, query)}
              value={query.orderBy?.by ?? DEFAULT_ORDER}
              onChange={(by) =>
                onChange({ ...query, orderBy: by === DEFAULT_ORDER ? undefined : { by, direction } })
              }
            />
          )}
        </EditorField>
      )}
      {!isHeatmap && query.orderBy && (
        <EditorField label={selectors.QueryEditor.direction.label}>
          {({ id }) => (
            <RadioButtonGroup
              id={id}
              options={DIRECTION_OPTIONS}
              value={direction}
              onChange={(chosen) =>
                query.orderBy && onChange({ ...query, orderBy: { ...query.orderBy, direction: chosen } })
              }
            />
          )}
        </EditorField>
      )}
      <EditorField label={selectors.QueryEditor.limit.label} tooltip={labels.limit.tooltip}>
        {(ids) => (
          <TextField
            ids={ids}
            type="number"
            width={12}
            placeholder={labels.limit.placeholder}
            value={query.limit === undefined ? '' : String(query.limit)}
            onCommit={(text) => onChange({ ...query, limit: parseLimit(text, MAX_GROUPS) })}
          />
        )}
      </EditorField>
      <EditorField label={labels.alias.label} tooltip={labels.alias.tooltip}>
        {(ids) => (
          <TextField
            ids={ids}
            width={30}
            placeholder={labels.alias.placeholder}
            value={query.alias ?? ''}
            onCommit={(alias) => onChange({ ...query, alias: alias || undefined })}
          />
        )}
      </EditorField>
      {isSingleValue(query) && (
        <EditorField label={labels.previous.label} tooltip={labels.previous.tooltip}>
          {({ id }) => (
            <InlineSwitch
              id={id}
              value={query.previous ?? false}
              onChange={(event) => onChange({ ...query, previous: event.currentTarget.checked || undefined })}
            />
          )}
        </EditorField>
      )}
      {hasTrend && (
        <EditorField label={labels.sparkline.label} tooltip={labels.sparkline.tooltip}>
          {({ id }) => (
            <InlineSwitch
              id={id}
              value={query.sparkline ?? false}
              onChange={(event) =>
                onChange(dropInvalidOrder({ ...query, sparkline: event.currentTarget.checked || undefined }))
              }
            />
          )}
        </EditorField>
      )}
    </EditorRow>
  );
}
