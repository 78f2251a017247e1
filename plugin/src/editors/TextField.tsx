import { Input } from '@grafana/ui';
import { useEffect, useState } from 'react';
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
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const commit = () => {
    if (text !== value) {
      onCommit(text);
    }
  };
  return (
    <Input
      {...ids}
      type={type}
      width={width}
      value={text}
      placeholder={placeholder}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  );
}
