import { EditorNote } from '../../editors/layout';
import { labels } from './labels';

/** A query for alerts has no options. */
export function AlertsEditor() {
  return <EditorNote>{labels.explanation}</EditorNote>;
}
