import { RadioButtonGroup } from '@grafana/ui';
import { EditorField } from './layout';

interface RadioFieldProps<T extends string> {
  label: string;
  tooltip?: string;
  /** Labels by value. */
  options: Readonly<Record<T, string>>;
  value: T;
  onChange: (value: T) => void;
}

/** Selects one of few options, all of which are shown. */
export function RadioField<T extends string>({
  label,
  tooltip,
  options,
  value,
  onChange,
}: RadioFieldProps<T>) {
  const choices = (Object.keys(options) as T[]).map((choice) => ({ value: choice, label: options[choice] }));
  return (
    <EditorField label={label} tooltip={tooltip}>
      {({ id }) => <RadioButtonGroup id={id} options={choices} value={value} onChange={onChange} />}
    </EditorField>
  );
}
