import { selectors } from '../selectors';
import { EditorField } from './layout';
import { parseLimit } from './limit';
import { TextField } from './TextField';

interface LimitFieldProps {
  value: number | undefined;
  /** Without a limit. */
  byDefault: number;
  max: number;
  tooltip: string;
  onChange: (limit: number | undefined) => void;
}

/** A limit with a default and a maximum. */
export function LimitField({ value, byDefault, max, tooltip, onChange }: LimitFieldProps) {
  return (
    <EditorField label={selectors.QueryEditor.limit.label} tooltip={tooltip}>
      {(ids) => (
        <TextField
          ids={ids}
          type="number"
          width={12}
          placeholder={String(byDefault)}
          value={value === undefined ? '' : String(value)}
          onCommit={(text) => onChange(parseLimit(text, max))}
        />
      )}
    </EditorField>
  );
}
