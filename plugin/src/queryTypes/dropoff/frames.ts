/** The steps of sessions, with how many ended there. */
import type { DataFrame, FieldConfig } from '@grafana/data';
import type { DropoffStep } from '../../api/types';
import { COUNT, numberColumn, PERCENT, tableOf, textColumn, type Column } from '../../frames/columns';
import type { BaseQuery } from '../../types';

const colored = (fixedColor: string): FieldConfig => ({ ...COUNT, color: { mode: 'fixed', fixedColor } });

const STEP: Column<DropoffStep> = textColumn('Step', 'number', { value: ({ number }) => String(number) });

/** Together, those that reached the step. */
const BARS: Array<Column<DropoffStep>> = [
  STEP,
  {
    ...numberColumn<DropoffStep>('Went on', 'reached', colored('blue')),
    value: ({ reached, completed, dropped }) => reached - completed - dropped,
  },
  numberColumn('Completed', 'completed', colored('green')),
  numberColumn('Dropped', 'dropped', colored('red')),
];

const TABLE: Array<Column<DropoffStep>> = [
  STEP,
  numberColumn('Reached', 'reached', COUNT),
  numberColumn('Completed', 'completed', COUNT),
  numberColumn('Dropped', 'dropped', COUNT),
  numberColumn('Completion rate', 'completion_rate', PERCENT),
  numberColumn('Drop rate', 'drop_rate', PERCENT),
  textColumn('Last steps', 'top_last_steps', {
    value: ({ top_last_steps }) => top_last_steps.map(({ step, count }) => `${step} (${count})`).join(', '),
  }),
];

export function dropoffFrames({ refId, format }: BaseQuery, steps: DropoffStep[]): DataFrame[] {
  return tableOf(refId, steps, format === 'table' ? TABLE : BARS);
}
