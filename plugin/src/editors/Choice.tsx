import { Combobox, MultiCombobox, type ComboboxOption } from '@grafana/ui';
import type { ControlIds } from './layout';
import { useRealChange, useStable } from './useChoice';

/** A control with a label gets the label's ids. A control without a label has its own name. */
type Name = { ids: ControlIds; name?: never } | { ids?: never; name: string };

interface Common {
  placeholder?: string;
}

type ChoiceProps<T extends string> = Name &
  Common & {
    options: Array<ComboboxOption<T>>;
    value: T | null;
    onChange: (value: T) => void;
    width: number;
  };

/** Selects one of several options. */
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

type MultiChoiceProps = Name &
  Common & {
    options: Array<ComboboxOption<string>> | ((search: string) => Promise<Array<ComboboxOption<string>>>);
    value: Array<ComboboxOption<string>>;
    onChange: (values: string[]) => void;
  };

/** Selects any number of options. Fills the available width. */
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
  // These components have no aria-label in Grafana 12.3, so tests find them by their test id.
  return ids ?? { 'aria-label': name, 'data-testid': name };
}
