import { RadioButtonGroup } from '@grafana/ui';
import { selectors } from '../selectors';
import type { ExecutionPart } from '../types';
import { EditorField, EditorNote, EditorRow } from './layout';
import type { EditorProps } from './queryEditors';
import { TextField } from './TextField';

const labels = selectors.ExecutionEditor;

const PARTS: ReadonlyArray<ExecutionPart> = ['trace', 'summary', 'steps', 'usages'];
const PART_OPTIONS = PARTS.map((value) => ({ value, label: labels.part.options[value] }));

/** One execution, and what of it is shown. */
export function ExecutionEditor({ query, onChange }: EditorProps) {
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
