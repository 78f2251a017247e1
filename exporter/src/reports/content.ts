/** What a run has found, as it is kept and answered. HTML, text, CSV and charts are made of it. */
import { type Static, Type } from 'typebox';
import { type PeriodName, PERIODS } from '../query/executions/period.js';
import { Nullable, Strict, TimeText } from '../schemas.js';

const Value = Nullable(Type.Number({ description: 'Null if nothing was counted.' }));
const Unit = Type.String({ description: "Grafana's id of the unit." });
const Link = Nullable(Type.String({ description: 'Into Grafana; null without GRAFANA_URL.' }));
const Days = Strict({
  from: TimeText('Begin, included.'),
  to: TimeText('End, excluded.'),
  first_day: Type.String({ description: 'In the time zone of the report.', format: 'date' }),
  last_day: Type.String({ description: 'Included.', format: 'date' }),
});

export const FiltersSchema = Strict({
  agent_tags: Type.Optional(Type.Array(Type.String())),
  agent_ids: Type.Optional(Type.Array(Type.String())),
  environments: Type.Optional(Type.Array(Type.String())),
  period: Type.Unsafe<PeriodName>(Type.String({ enum: [...PERIODS] })),
});

const FigureSchema = Strict({
  title: Type.String(),
  metric: Type.String({ description: 'Of the catalog.' }),
  unit: Unit,
  value: Value,
  previous: Nullable(Type.Number({ description: 'Of the period before.' })),
  change: Nullable(
    Type.Number({
      description:
        'Percent of the period before; for a rate in percentage points. Null if there is no comparison.',
    }),
  ),
});

const ChartSchema = Strict({
  title: Type.String(),
  metric: Type.String(),
  unit: Unit,
  points: Type.Array(Strict({ time: TimeText('Begin of the day.'), day: Type.String(), value: Value })),
});

const TableSchema = Strict({
  title: Type.String(),
  group_by: Type.Array(Type.String()),
  columns: Type.Array(Strict({ title: Type.String(), metric: Type.String(), unit: Unit })),
  rows: Type.Array(
    Strict({
      group: Type.Array(Nullable(Type.String()), { description: 'Values of the dimensions.' }),
      label: Type.String({ description: 'The group by its names.' }),
      values: Type.Array(Value),
      previous: Nullable(Type.Number({ description: 'Of the first column, in the period before.' })),
    }),
  ),
});

export const STANDOUT_KINDS = ['change', 'new_error', 'budget', 'recommendation'] as const;

const StandoutSchema = Strict({
  kind: Type.Unsafe<(typeof STANDOUT_KINDS)[number]>(Type.String({ enum: [...STANDOUT_KINDS] })),
  text: Type.String({ description: 'A sentence with the figures.' }),
  value: Value,
  unit: Unit,
  link: Link,
});

export const ContentSchema = Strict({
  title: Type.String(),
  template: Nullable(Type.String()),
  description: Type.String(),
  time_zone: Type.String(),
  period: Days,
  previous_period: Days,
  filters: FiltersSchema,
  about: Type.Array(Type.String(), { description: 'The filters in words, agents by their names.' }),
  figures: Type.Array(FigureSchema),
  charts: Type.Array(ChartSchema),
  tables: Type.Array(TableSchema),
  stands_out: Type.Array(StandoutSchema),
  notices: Type.Array(Type.String()),
  link: Link,
});

export type ReportContent = Static<typeof ContentSchema>;
export type ReportFigure = Static<typeof FigureSchema>;
export type ReportChart = Static<typeof ChartSchema>;
export type ReportTable = Static<typeof TableSchema>;
export type Standout = Static<typeof StandoutSchema>;
