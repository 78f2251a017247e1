import { Choice } from '../../editors/Choice';
import { KeepFilters } from '../../editors/KeepFilters';
import { EditorField, EditorNote, EditorRow } from '../../editors/layout';
import { LimitField } from '../../editors/LimitField';
import { variableOptions } from '../../editors/options';
import { RadioField } from '../../editors/RadioField';
import type { EditorProps } from '../definition';
import { labels } from './labels';
import { DEFAULT_SESSIONS, MAX_SESSIONS } from './list';
import type { SessionsQuery } from './query';
import { routeOf } from './routes';

const ANY = '';

/** Selects a list or the figures, and filters the sessions. */
export function SessionsEditor(props: EditorProps<SessionsQuery>) {
  const { query, onChange } = props;
  const { sessionPart = 'list', sessionStatus } = query;
  const { options, any } = labels.status;
  const statuses = [
    { value: ANY, label: any },
    ...Object.entries(options).map(([value, label]) => ({ value, label })),
    ...variableOptions(),
  ];
  return (
    <>
      <EditorNote>{labels.explanation}</EditorNote>
      <EditorRow>
        <RadioField
          label={labels.part.label}
          options={labels.part.options}
          value={sessionPart}
          onChange={(chosen) => onChange({ ...query, sessionPart: chosen })}
        />
        {sessionPart === 'list' && (
          <>
            <EditorField label={labels.status.label} tooltip={labels.status.tooltip}>
              {(ids) => (
                <Choice
                  ids={ids}
                  width={20}
                  options={statuses}
                  value={sessionStatus ?? ANY}
                  onChange={(status) => onChange({ ...query, sessionStatus: status || undefined })}
                />
              )}
            </EditorField>
            <LimitField
              value={query.limit}
              byDefault={DEFAULT_SESSIONS}
              max={MAX_SESSIONS}
              tooltip={labels.limit.tooltip}
              onChange={(limit) => onChange({ ...query, limit })}
            />
          </>
        )}
      </EditorRow>
      <KeepFilters {...props} dimensions={Object.keys(routeOf(query).filters)} />
    </>
  );
}
