import { Input } from '@grafana/ui';
import { useState } from 'react';
import type { ControlIds } from './layout';

export interface TextFieldProps {
  ids: ControlIds;
  value: string;
  /** Called when the reader is done: on Enter, or when leaving the field, and only if the text changed. */
  onCommit: (text: string) => void;
  placeholder?: string;
  type?: 'text' | 'number';
  width?: number;
}

/** A text that runs the query when it is finished, not at every key. */
export function TextField({ ids, value, onCommit, placeholder, type = 'text', width = 20 }: TextFieldProps) {
  const [draft, setDraft] = useState<string>();
  const commit = () => {
    setDraft(undefined);
    if (draft !== undefined && draft !== value) {
      onCommit(draft);
    }
  };
  return (
    <Input
      {...ids}
      type={type}
      width={width}
      value={draft ?? value}
      placeholder={placeholder}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  );
}
