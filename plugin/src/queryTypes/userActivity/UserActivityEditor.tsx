import { EditorNote, EditorRow } from '../../editors/layout';
import { LimitField } from '../../editors/LimitField';
import type { BaseQuery } from '../../types';
import type { EditorProps } from '../definition';
import { labels } from './labels';

const DEFAULT_USERS = 100;
const MAX_USERS = 1_000;

/** Limits the users. */
export function UserActivityEditor({ query, onChange }: EditorProps<BaseQuery>) {
  return (
    <>
      <EditorNote>{labels.explanation}</EditorNote>
      <EditorRow>
        <LimitField
          value={query.limit}
          byDefault={DEFAULT_USERS}
          max={MAX_USERS}
          tooltip={labels.limit.tooltip}
          onChange={(limit) => onChange({ ...query, limit })}
        />
      </EditorRow>
    </>
  );
}
