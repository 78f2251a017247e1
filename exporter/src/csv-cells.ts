/** Texts in CSV cells that a spreadsheet must not run as formulas. */

/** With the full-width forms, which some spreadsheets read alike. */
const FORMULA = '=+\\-@\\t\\r\\uff1d\\uff0b\\uff0d\\uff20';
/**
 * A spreadsheet may split the file at another delimiter than the comma, and then ends a row at each line break too. What
 * follows is a cell of its own, with or without quotes around it.
 */
const RUN = new RegExp(`(?=[${FORMULA}])(?<=^|[;\\t|\\n\\r]"*)`, 'g');

/** The text with an apostrophe before everything that could begin a formula. */
export function defused(text: string): string {
  return text.replace(RUN, "'");
}
