import { Input } from '@grafana/ui';
import { useState } from 'react';
import type { ControlIds } from './layout';

interface TextFieldProps {
  ids: ControlIds;
  value: string;
  /** Called on Enter and on blur, if the text has changed. */
  onCommit: (text: string) => void;
  placeholder?: string;
  type?: 'text' | 'number';
  width?: number;
}

/** A text input that runs the query when the text is complete, not on every key. */
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
