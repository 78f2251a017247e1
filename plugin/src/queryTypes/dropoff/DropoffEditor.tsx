import { KeepFilters } from '../../editors/KeepFilters';
import { EditorNote, EditorRow } from '../../editors/layout';
import { RadioField } from '../../editors/RadioField';
import { selectors } from '../../selectors';
import type { BaseQuery } from '../../types';
import type { EditorProps } from '../definition';
import { labels } from './labels';

/** Selects how the drop-off is shown. */
export function DropoffEditor(props: EditorProps<BaseQuery>) {
  const { query, onChange } = props;
  return (
    <>
      <EditorNote>{labels.explanation}</EditorNote>
      <EditorRow>
        <RadioField
          label={selectors.QueryEditor.format.label}
          {...labels.format}
          value={query.format === 'table' ? query.format : 'bars'}
          onChange={(format) => onChange({ ...query, format })}
        />
      </EditorRow>
      <KeepFilters {...props} dimensions={['agent']} />
    </>
  );
}
