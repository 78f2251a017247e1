import { EditorNote } from '../../editors/layout';
import { labels } from './labels';

/** A query for budgets has no options. */
export function BudgetsEditor() {
  return <EditorNote>{labels.explanation}</EditorNote>;
}
