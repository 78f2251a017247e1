import { selectors } from '../selectors';
import { EditorNote } from './layout';

/** All budgets as they are now: there is nothing to choose. */
export function BudgetsEditor() {
  return <EditorNote>{selectors.BudgetsEditor.explanation}</EditorNote>;
}
