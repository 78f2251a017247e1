import { KeepFilters } from '../../editors/KeepFilters';
import { EditorField, EditorNote, EditorRow } from '../../editors/layout';
import { RadioField } from '../../editors/RadioField';
import { TextField } from '../../editors/TextField';
import { selectors } from '../../selectors';
import type { EditorProps } from '../definition';
import { labels } from './labels';
import type { FunnelQuery } from './query';
import { formatSteps, parseSteps, problemOf } from './steps';

/** Names the steps of a funnel, and selects how it is shown. */
export function FunnelEditor(props: EditorProps<FunnelQuery>) {
  const { query, onChange } = props;
  const { funnelSteps = [] } = query;
  return (
    <>
      <EditorNote>{labels.explanation}</EditorNote>
      <EditorRow>
        <EditorField
          label={labels.steps.label}
          tooltip={labels.steps.tooltip}
          error={shownProblem(funnelSteps)}
        >
          {(ids) => (
            <TextField
              ids={ids}
              width={60}
              placeholder={labels.steps.placeholder}
              value={formatSteps(funnelSteps)}
              onCommit={(text) => onChange({ ...query, funnelSteps: parseSteps(text) })}
            />
          )}
        </EditorField>
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

/** A variable can have several values, which are only known when the query runs. */
function shownProblem(steps: string[]): string | undefined {
  return steps.length === 0 || steps.some((step) => step.includes('$')) ? undefined : problemOf(steps);
}
