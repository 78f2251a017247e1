import { KeepFilters } from '../../editors/KeepFilters';
import { EditorNote, EditorRow } from '../../editors/layout';
import { LimitField } from '../../editors/LimitField';
import { RadioField } from '../../editors/RadioField';
import { selectors } from '../../selectors';
import type { EditorProps } from '../definition';
import { labels } from './labels';
import type { FlowsQuery } from './query';

const DEFAULT_FLOWS = 20;
const MAX_FLOWS = 1_000;

/** Selects what the flows consist of and how they are shown. */
export function FlowsEditor(props: EditorProps<FlowsQuery>) {
  const { query, onChange } = props;
  return (
    <>
      <EditorNote>{labels.explanation}</EditorNote>
      <EditorRow>
        <RadioField
          {...labels.of}
          value={query.flowOf ?? 'steps'}
          onChange={(flowOf) => onChange({ ...query, flowOf })}
        />
        <RadioField
          label={selectors.QueryEditor.format.label}
          {...labels.format}
          value={query.format === 'node-graph' ? query.format : 'table'}
          onChange={(format) => onChange({ ...query, format })}
        />
        <LimitField
          value={query.limit}
          byDefault={DEFAULT_FLOWS}
          max={MAX_FLOWS}
          tooltip={labels.limit.tooltip}
          onChange={(limit) => onChange({ ...query, limit })}
        />
      </EditorRow>
      <KeepFilters {...props} dimensions={['agent']} />
    </>
  );
}
