import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, IconButton, Stack, useStyles2, type ComboboxOption } from '@grafana/ui';
import type { AnalyticsClient } from '../api/client';
import { selectors } from '../selectors';
import type { Filter, FilterOperator } from '../types';
import { Choice, MultiChoice } from './Choice';
import { EditorGroup } from './layout';
import { OPERATOR_OPTIONS } from './options';
import { useDimensionValues } from './useDimensionValues';

const labels = selectors.QueryEditor.filters;

interface FilterListProps {
  client: AnalyticsClient;
  filters: Filter[];
  /** The dimensions to choose from. */
  dimensions: Array<ComboboxOption<string>>;
  /** Default: all operators. */
  operators?: Array<ComboboxOption<FilterOperator>>;
  onChange: (filters: Filter[]) => void;
}

/** Any number of filters, all of which must match. */
export function FilterList({
  client,
  filters,
  dimensions,
  operators = OPERATOR_OPTIONS,
  onChange,
}: FilterListProps) {
  const first = dimensions[0]?.value;
  const add = () => first && onChange([...filters, { dimension: first, operator: 'in', values: [] }]);
  return (
    <EditorGroup label={labels.label}>
      <Stack direction="column" gap={1} alignItems="flex-start">
        {filters.map((filter, index) => (
          <FilterRow
            // A filter has no id other than its index. The dimension in the key resets its menus.
            key={`${index} ${filter.dimension}`}
            client={client}
            filter={filter}
            dimensions={dimensions}
            operators={operators}
            onChange={(changed) => onChange(filters.map((other, at) => (at === index ? changed : other)))}
            onRemove={() => onChange(filters.filter((_, at) => at !== index))}
          />
        ))}
        <Button variant="secondary" size="sm" icon="plus" disabled={!first} onClick={add}>
          {labels.add}
        </Button>
      </Stack>
    </EditorGroup>
  );
}

interface FilterRowProps extends Pick<Required<FilterListProps>, 'client' | 'dimensions' | 'operators'> {
  filter: Filter;
  onChange: (filter: Filter) => void;
  onRemove: () => void;
}

function FilterRow({ client, filter, dimensions, operators, onChange, onRemove }: FilterRowProps) {
  const { load, optionOf } = useDimensionValues(client, filter.dimension);
  const styles = useStyles2(getStyles);
  return (
    <Stack direction="row" gap={0.5} alignItems="center" wrap="wrap">
      <Choice
        name={labels.dimension}
        width={20}
        options={dimensions}
        value={filter.dimension}
        onChange={(dimension) => onChange({ ...filter, dimension, values: [] })}
      />
      <Choice
        name={labels.operator}
        width={16}
        options={operators}
        value={filter.operator}
        onChange={(operator) => onChange({ ...filter, operator })}
      />
      <div className={styles.values}>
        <MultiChoice
          name={labels.values}
          placeholder={labels.valuesPlaceholder}
          options={load}
          value={filter.values.map(optionOf)}
          onChange={(values) => onChange({ ...filter, values })}
        />
      </div>
      <IconButton name="times" tooltip={labels.remove} aria-label={labels.remove} onClick={onRemove} />
    </Stack>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return { values: css({ width: theme.spacing(56) }) };
}
