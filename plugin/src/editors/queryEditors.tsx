/** The kinds of queries that a panel can have, and the editor of each. */
import type { ComboboxOption } from '@grafana/ui';
import type { ComponentType } from 'react';
import type { Catalog } from '../api/types';
import type { AnalyticsDataSource } from '../datasource';
import { selectors } from '../selectors';
import type { AnalyticsQuery, QueryType } from '../types';
import { BudgetsEditor } from './BudgetsEditor';
import { ExecutionEditor } from './ExecutionEditor';
import { ExecutionListEditor } from './ExecutionListEditor';
import { ForecastEditor } from './ForecastEditor';
import { MetricEditor } from './MetricEditor';

export interface EditorProps {
  datasource: AnalyticsDataSource;
  /** Normalized. */
  query: AnalyticsQuery;
  catalog?: Catalog;
  /** Also runs the query. */
  onChange: (query: AnalyticsQuery) => void;
}

/** Annotations and variables have editors of their own, elsewhere in Grafana. */
export type PanelQueryType = Exclude<QueryType, 'annotation' | 'dimensionValues'>;

const EDITORS: Record<PanelQueryType, ComponentType<EditorProps>> = {
  metric: MetricEditor,
  executions: ExecutionListEditor,
  execution: ExecutionEditor,
  budgets: BudgetsEditor,
  forecast: ForecastEditor,
};

const { options } = selectors.QueryEditor.queryType;

export const TYPE_OPTIONS = Object.keys(EDITORS)
  .filter(isPanelType)
  .map((type): ComboboxOption<PanelQueryType> => ({ value: type, ...options[type] }));

export function editorOf({ queryType }: AnalyticsQuery): {
  type: PanelQueryType;
  Editor: ComponentType<EditorProps>;
} {
  const type = isPanelType(queryType) ? queryType : 'metric';
  return { type, Editor: EDITORS[type] };
}

function isPanelType(type: string | undefined): type is PanelQueryType {
  return type !== undefined && Object.hasOwn(EDITORS, type);
}
