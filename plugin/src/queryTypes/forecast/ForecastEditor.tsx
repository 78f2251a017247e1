import type { SelectableValue } from '@grafana/data';
import { RadioButtonGroup } from '@grafana/ui';
import { EditorField, EditorNote, EditorRow } from '../../editors/layout';
import { selectors } from '../../selectors';
import type { BaseQuery, Format } from '../../types';
import type { EditorProps } from '../definition';
import { labels } from './labels';

const FORMATS: Array<SelectableValue<Format> & { value: Format }> = [
  { value: 'timeseries', label: labels.format.timeseries },
  { value: 'table', label: labels.format.table },
];

/** Selects a series up to each day or a single row. */
export function ForecastEditor({ query, onChange }: EditorProps<BaseQuery>) {
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
