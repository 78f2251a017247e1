import { InlineSwitch, RadioButtonGroup } from '@grafana/ui';
import type { Catalog, Metric } from '../api/types';
import { selectors } from '../selectors';
import type { AnalyticsQuery } from '../types';
import { isFigure, parseLimit, settleOrder } from './changes';
import { Choice } from './Choice';
import { EditorField, EditorRow } from './layout';
import { DEFAULT_ORDER, DIRECTION_OPTIONS, orderOptions } from './options';
import { TextField } from './TextField';

const labels = selectors.QueryEditor;

export interface DisplayRowProps {
  query: AnalyticsQuery;
  catalog?: Catalog;
  metric?: Metric;
  isHeatmap: boolean;
  onChange: (query: AnalyticsQuery) => void;
}

/** Which of the groups are shown, in which order, and under which name. */
export function DisplayRow({ query, catalog, metric, isHeatmap, onChange }: DisplayRowProps) {
  const direction = query.orderBy?.direction ?? 'desc';
  // A metric that is only known as a whole has no course to draw.
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
        <EditorField label={labels.direction.label}>
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
      <EditorField label={labels.limit.label} tooltip={labels.limit.tooltip}>
        {(ids) => (
          <TextField
            ids={ids}
            type="number"
            width={12}
            placeholder={labels.limit.placeholder}
            value={query.limit === undefined ? '' : String(query.limit)}
            onCommit={(text) => onChange({ ...query, limit: parseLimit(text) })}
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
      {isFigure(query) && (
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
                onChange(settleOrder({ ...query, sparkline: event.currentTarget.checked || undefined }))
              }
            />
          )}
        </EditorField>
      )}
    </EditorRow>
  );
}
