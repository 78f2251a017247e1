import { RadioButtonGroup } from '@grafana/ui';
import { Choice } from '../../editors/Choice';
import { KeepFilters } from '../../editors/KeepFilters';
import { EditorField, EditorNote, EditorRow } from '../../editors/layout';
import { LimitField } from '../../editors/LimitField';
import { DIRECTION_OPTIONS } from '../../editors/options';
import { TextField } from '../../editors/TextField';
import { selectors } from '../../selectors';
import type { EditorProps } from '../definition';
import { labels } from './labels';
import { DEFAULT_EXECUTIONS, EXECUTION_SORTS, filterDimensions, MAX_EXECUTIONS } from './list';
import type { ExecutionsQuery } from './query';

const [FIRST_SORT] = EXECUTION_SORTS;

const SORT_OPTIONS = EXECUTION_SORTS.map((value) => ({ value, label: labels.sortBy.options[value] }));

/** Filters and sorts the executions of the time range. */
export function ExecutionsEditor(props: EditorProps<ExecutionsQuery>) {
  const { query, catalog, onChange } = props;
  const { by, direction } = query.orderBy ?? { by: FIRST_SORT, direction: 'desc' as const };
  return (
    <>
      <EditorNote>{labels.explanation}</EditorNote>
      <KeepFilters {...props} dimensions={filterDimensions(catalog)} />
      <EditorRow>
        <EditorField label={labels.sortBy.label}>
          {(ids) => (
            <Choice
              ids={ids}
              width={18}
              options={SORT_OPTIONS}
              value={EXECUTION_SORTS.find((sort) => sort === by) ?? null}
              onChange={(sort) => onChange({ ...query, orderBy: { by: sort, direction } })}
            />
          )}
        </EditorField>
        <EditorField label={selectors.QueryEditor.direction.label}>
          {({ id }) => (
            <RadioButtonGroup
              id={id}
              options={DIRECTION_OPTIONS}
              value={direction}
              onChange={(chosen) => onChange({ ...query, orderBy: { by, direction: chosen } })}
            />
          )}
        </EditorField>
        <LimitField
          value={query.limit}
          byDefault={DEFAULT_EXECUTIONS}
          max={MAX_EXECUTIONS}
          tooltip={labels.limit.tooltip}
          onChange={(limit) => onChange({ ...query, limit })}
        />
        <EditorField label={labels.sessionId.label} tooltip={labels.sessionId.tooltip}>
          {(ids) => (
            <TextField
              ids={ids}
              width={30}
              placeholder={labels.sessionId.placeholder}
              value={query.sessionId ?? ''}
              onCommit={(sessionId) => onChange({ ...query, sessionId: sessionId || undefined })}
            />
          )}
        </EditorField>
      </EditorRow>
    </>
  );
}
