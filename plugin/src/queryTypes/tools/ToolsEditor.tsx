import { KeepFilters } from '../../editors/KeepFilters';
import { EditorNote, EditorRow } from '../../editors/layout';
import { LimitField } from '../../editors/LimitField';
import type { BaseQuery } from '../../types';
import type { EditorProps } from '../definition';
import { labels } from './labels';

const DEFAULT_TOOLS = 100;
const MAX_TOOLS = 1_000;

/** Limits and filters the tools. */
export function ToolsEditor(props: EditorProps<BaseQuery>) {
  const { query, onChange } = props;
  return (
    <>
      <EditorNote>{labels.explanation}</EditorNote>
      <EditorRow>
        <LimitField
          value={query.limit}
          byDefault={DEFAULT_TOOLS}
          max={MAX_TOOLS}
          tooltip={labels.limit.tooltip}
          onChange={(limit) => onChange({ ...query, limit })}
        />
      </EditorRow>
      <KeepFilters {...props} dimensions={['agent']} />
    </>
  );
}
