import { getTemplateSrv } from '@grafana/runtime';
import type { ComboboxOption } from '@grafana/ui';
import { useCallback, useEffect, useState } from 'react';
import { firstValueFrom } from 'rxjs';
import type { AnalyticsDataSource } from '../datasource';

/** Values that a menu lists; typing narrows them down at the exporter. */
const LISTED = 200;

export interface DimensionValues {
  /** The dashboard's variables, then the dimension's values that contain the text. */
  load: (search: string) => Promise<Array<ComboboxOption<string>>>;
  /** A value with the label under which it is known, an agent's name for its id. */
  optionOf: (value: string) => ComboboxOption<string>;
}

export function useDimensionValues(datasource: AnalyticsDataSource, dimension: string): DimensionValues {
  const [labels, setLabels] = useState<ReadonlyMap<string, string>>(new Map());

  const load = useCallback(
    async (search: string) => {
      const matching = variableOptions().filter(({ value }) =>
        value.toLowerCase().includes(search.toLowerCase()),
      );
      if (!dimension) {
        return matching;
      }
      const values = await firstValueFrom(
        datasource.client.dimensionValues(dimension, { search, limit: LISTED }),
      );
      setLabels((known) => new Map([...known, ...values.map(({ value, label }) => [value, label] as const)]));
      return [...matching, ...values.map(({ value, label }) => valueOption(value, label))];
    },
    [datasource, dimension],
  );

  // The chosen values need their labels before the menu is opened. Without them their ids are shown.
  useEffect(() => {
    load('').catch(() => undefined);
  }, [load]);

  const optionOf = useCallback((value: string) => ({ value, label: labels.get(value) ?? value }), [labels]);
  return { load, optionOf };
}

function valueOption(value: string, label: string): ComboboxOption<string> {
  return label === value ? { value, label } : { value, label, description: value };
}

function variableOptions(): Array<ComboboxOption<string>> {
  return getTemplateSrv()
    .getVariables()
    .filter(({ type }) => type !== 'adhoc' && type !== 'datasource')
    .map(({ name }) => ({ value: `$${name}`, label: `$${name}`, description: 'Dashboard variable' }));
}
