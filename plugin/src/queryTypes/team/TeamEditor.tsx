import { EditorNote } from '../../editors/layout';
import { labels } from './labels';

/** A query for the team has no options. */
export function TeamEditor() {
  return <EditorNote>{labels.explanation}</EditorNote>;
}
