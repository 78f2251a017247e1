import { RadioButtonGroup } from '@grafana/ui';
import { EditorField, EditorNote, EditorRow } from '../../editors/layout';
import { TextField } from '../../editors/TextField';
import type { EditorProps } from '../definition';
import { labels } from './labels';
import type { ExecutionPart, ExecutionQuery } from './query';

const PARTS: ReadonlyArray<ExecutionPart> = ['trace', 'summary', 'steps', 'usages'];
const PART_OPTIONS = PARTS.map((value) => ({ value, label: labels.part.options[value] }));

/** Selects an execution and the part of it to show. */
export function ExecutionEditor({ query, onChange }: EditorProps<ExecutionQuery>) {
  return (
    <>
      <EditorNote>{labels.explanation}</EditorNote>
      <EditorRow>
        <EditorField label={labels.executionId.label} tooltip={labels.executionId.tooltip}>
          {(ids) => (
            <TextField
              ids={ids}
              width={44}
              placeholder={labels.executionId.placeholder}
              value={query.executionId ?? ''}
              onCommit={(executionId) => onChange({ ...query, executionId: executionId || undefined })}
            />
          )}
        </EditorField>
        <EditorField label={labels.part.label}>
          {({ id }) => (
            <RadioButtonGroup
              id={id}
              options={PART_OPTIONS}
              value={query.part}
              onChange={(part) => onChange({ ...query, part })}
            />
          )}
        </EditorField>
      </EditorRow>
    </>
  );
}
