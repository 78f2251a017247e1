import { EditorField, EditorNote, EditorRow } from '../../editors/layout';
import { TextField } from '../../editors/TextField';
import type { EditorProps } from '../definition';
import { labels } from './labels';
import type { ReportsQuery } from './query';

/** Selects a report, or all of them. */
export function ReportsEditor({ query, onChange }: EditorProps<ReportsQuery>) {
  return (
    <>
      <EditorNote>{labels.explanation}</EditorNote>
      <EditorRow>
        <EditorField label={labels.reportId.label} tooltip={labels.reportId.tooltip}>
          {(ids) => (
            <TextField
              ids={ids}
              width={44}
              placeholder={labels.reportId.placeholder}
              value={query.reportId ?? ''}
              onCommit={(reportId) => onChange({ ...query, reportId: reportId || undefined })}
            />
          )}
        </EditorField>
      </EditorRow>
    </>
  );
}
