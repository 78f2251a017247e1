import { EditorNote } from '../../editors/layout';
import { labels } from './labels';

/** A query for live figures has no options. */
export function LiveEditor() {
  return <EditorNote>{labels.explanation}</EditorNote>;
}
