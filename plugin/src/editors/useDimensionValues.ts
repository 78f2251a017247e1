import type { ComboboxOption } from '@grafana/ui';
import { useCallback, useEffect, useState } from 'react';
import { firstValueFrom } from 'rxjs';
import type { AnalyticsClient } from '../api/client';
import type { DimensionValue } from '../api/types';
import { selectors } from '../selectors';
import { variableOptions } from './options';

/** Values that a menu lists. As the user types, the exporter is queried again. */
const LISTED = 200;

interface DimensionValues {
  /** The matching variables of the dashboard, the matching values of the dimension, and the text itself. */
  load: (search: string) => Promise<Array<ComboboxOption<string>>>;
  /** A value with its label, such as an agent's id with its name. */
  optionOf: (value: string) => ComboboxOption<string>;
}

export function useDimensionValues(client: AnalyticsClient, dimension: string): DimensionValues {
  const [labels, setLabels] = useState<ReadonlyMap<string, string>>(new Map());
  const learn = useCallback((values: DimensionValue[]) => {
    setLabels((known) => new Map([...known, ...values.map(({ value, label }) => [value, label] as const)]));
  }, []);

  // The selected values need their labels before the menu is opened. Without labels, ids are shown.
  useEffect(() => {
    const subscription = client
      .dimensionValues(dimension, { limit: LISTED })
      .subscribe({ next: learn, error: () => undefined });
    return () => subscription.unsubscribe();
  }, [client, dimension, learn]);

  const load = useCallback(
    async (search: string) => {
      const values = await firstValueFrom(client.dimensionValues(dimension, { search, limit: LISTED }));
      learn(values);
      const typed = search.toLowerCase();
      return [
        ...variableOptions().filter(({ value }) => value.toLowerCase().includes(typed)),
        ...values.map(({ value, label }) => valueOption(value, label)),
        ...asTyped(search, values),
      ];
    },
    [client, dimension, learn],
  );
  const optionOf = useCallback((value: string) => ({ value, label: labels.get(value) ?? value }), [labels]);
  return { load, optionOf };
}

function valueOption(value: string, label: string): ComboboxOption<string> {
  return label === value ? { value, label } : { value, label, description: value };
}

// Grafana would list a custom value first, where Enter would select an agent's name in place of its id.
function asTyped(text: string, values: DimensionValue[]): Array<ComboboxOption<string>> {
  const known = text === '' || values.some(({ value, label }) => value === text || label === text);
  return known ? [] : [{ value: text, label: text, description: selectors.QueryEditor.filters.asTyped }];
}
