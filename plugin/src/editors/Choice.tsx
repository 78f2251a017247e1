import { Combobox, MultiCombobox, type ComboboxOption } from '@grafana/ui';
import type { ControlIds } from './layout';

/** A control under a label has the label's ids, one without a label names itself. */
type Name = { ids: ControlIds; name?: never } | { ids?: never; name: string };

interface Common {
  placeholder?: string;
  /** Whether a text can be chosen that no option has. */
  createCustomValue?: boolean;
}

export type ChoiceProps<T extends string> = Name &
  Common & {
    options: Array<ComboboxOption<T>>;
    value: T | null;
    onChange: (value: T) => void;
    width: number;
  };

/**
 * One of several. The menu tells of a choice again whenever its options are other objects than before, which they are
 * after any change: only another value is a change, or the first one would never end.
 */
export function Choice<T extends string>({ ids, name, value, onChange, ...rest }: ChoiceProps<T>) {
  return (
    <Combobox
      {...naming(ids, name)}
      {...rest}
      value={value}
      onChange={(option) => option.value !== value && onChange(option.value)}
    />
  );
}

export type MultiChoiceProps = Name &
  Common & {
    options: Array<ComboboxOption<string>> | ((search: string) => Promise<Array<ComboboxOption<string>>>);
    value: Array<ComboboxOption<string>>;
    onChange: (values: string[]) => void;
  };

/** Any number of several, as wide as its place; as with one, only other values are a change. */
export function MultiChoice({ ids, name, value, onChange, ...rest }: MultiChoiceProps) {
  const change = (options: Array<ComboboxOption<string>>) => {
    const values = options.map((option) => option.value);
    const isSame = values.length === value.length && values.every((one, index) => one === value[index]?.value);
    if (!isSame) {
      onChange(values);
    }
  };
  return <MultiCombobox {...naming(ids, name)} {...rest} value={value} onChange={change} />;
}

function naming(ids: ControlIds | undefined, name: string | undefined) {
  // Grafana 12.3 has no aria-label for these: until a later one the test id is what they can be found by.
  return ids ?? { 'aria-label': name, 'data-testid': name };
}
