import { InlineSwitch } from '@grafana/ui';
import { EditorField, EditorNote, EditorRow } from '../../editors/layout';
import { RadioField } from '../../editors/RadioField';
import type { EditorProps } from '../definition';
import { labels } from './labels';
import type { RecommendationsQuery } from './query';

/** Selects the list or the total. */
export function RecommendationsEditor({ query, onChange }: EditorProps<RecommendationsQuery>) {
  const { recommendationPart = 'list', showDismissed = false } = query;
  return (
    <>
      <EditorNote>{labels.explanation}</EditorNote>
      <EditorRow>
        <RadioField
          {...labels.part}
          value={recommendationPart}
          onChange={(part) => onChange({ ...query, recommendationPart: part })}
        />
        {recommendationPart === 'list' && (
          <EditorField label={labels.dismissed.label} tooltip={labels.dismissed.tooltip}>
            {({ id }) => (
              <InlineSwitch
                id={id}
                value={showDismissed}
                onChange={(event) =>
                  onChange({ ...query, showDismissed: event.currentTarget.checked || undefined })
                }
              />
            )}
          </EditorField>
        )}
      </EditorRow>
    </>
  );
}
