import { Combobox, MultiCombobox, type ComboboxOption } from '@grafana/ui';
import type { ControlIds } from './layout';
import { useRealChange, useStable } from './useChoice';

/** A control under a label has the label's ids, one without a label names itself. */
type Name = { ids: ControlIds; name?: never } | { ids?: never; name: string };

interface Common {
  placeholder?: string;
}

export type ChoiceProps<T extends string> = Name &
  Common & {
    options: Array<ComboboxOption<T>>;
    value: T | null;
    onChange: (value: T) => void;
    width: number;
  };

/** One of several. */
export function Choice<T extends string>({ ids, name, options, value, onChange, ...rest }: ChoiceProps<T>) {
  const change = useRealChange(value, onChange);
  return (
    <Combobox
      {...naming(ids, name)}
      {...rest}
      options={useStable(options)}
      value={value}
      onChange={(option) => change(option.value)}
    />
  );
}

export type MultiChoiceProps = Name &
  Common & {
    options: Array<ComboboxOption<string>> | ((search: string) => Promise<Array<ComboboxOption<string>>>);
    value: Array<ComboboxOption<string>>;
    onChange: (values: string[]) => void;
  };

/** Any number of several, as wide as its place. */
export function MultiChoice({ ids, name, options, value, onChange, ...rest }: MultiChoiceProps) {
  const change = useRealChange(valuesOf(value), onChange);
  return (
    <MultiCombobox
      {...naming(ids, name)}
      {...rest}
      options={useStable(options)}
      value={useStable(value)}
      onChange={(chosen) => change(valuesOf(chosen))}
    />
  );
}

function valuesOf(options: Array<ComboboxOption<string>>): string[] {
  return options.map(({ value }) => value);
}

function naming(ids: ControlIds | undefined, name: string | undefined) {
  // Grafana 12.3 has no aria-label for these: until a later one the test id is what they can be found by.
  return ids ?? { 'aria-label': name, 'data-testid': name };
}
