import type { SelectableValue } from '@grafana/data';
import { RadioButtonGroup } from '@grafana/ui';
import { selectors } from '../selectors';
import type { Format } from '../types';
import { EditorField, EditorNote, EditorRow } from './layout';
import type { EditorProps } from './queryEditors';

const labels = selectors.ForecastEditor;

const FORMATS: Array<SelectableValue<Format> & { value: Format }> = [
  { value: 'timeseries', label: labels.format.timeseries },
  { value: 'table', label: labels.format.table },
];

/** The course of this month's cost, or its figures. */
export function ForecastEditor({ query, onChange }: EditorProps) {
  return (
    <>
      <EditorNote>{labels.explanation}</EditorNote>
      <EditorRow>
        <EditorField label={selectors.QueryEditor.format.label}>
          {({ id }) => (
            <RadioButtonGroup
              id={id}
              options={FORMATS}
              value={query.format === 'table' ? 'table' : 'timeseries'}
              onChange={(format: Format) => onChange({ ...query, format })}
            />
          )}
        </EditorField>
      </EditorRow>
    </>
  );
}
