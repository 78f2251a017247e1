import type { DataFrame } from '@grafana/data';
import type { ComponentType } from 'react';
import type { Observable } from 'rxjs';
import type { AnalyticsClient } from '../api/client';
import type { Catalog } from '../api/types';
import type { RequestContext } from '../queries/context';
import type { Plan } from '../queries/plan';
import type { AnsweredPlan } from '../queries/run';
import type { BaseQuery } from '../types';

/**
 * One type of query, from its defaults to its frames. `Query` is what a dashboard stores: `BaseQuery` and the fields of
 * this type.
 */
export interface QueryTypeDefinition<Type extends string, Query extends BaseQuery> {
  /** The `queryType` of a stored query. Dashboards store it, so it must never change. */
  readonly type: Type;
  /** Fields of a new query that differ from the defaults of every query. */
  readonly defaults: Partial<Omit<Query, 'queryType'>>;
  /** Fields that are removed when the user selects another query type; the others are kept for a change of mind. */
  readonly removedWithType?: ReadonlyArray<keyof Query>;
  /** Whether the query has everything that its request needs. */
  isComplete(query: Query): boolean;
  /** The query in words, for lists of queries. */
  displayText(query: Query): string;
  /** The fields of this type with their template variables replaced by `text`. */
  interpolate?(query: Query, text: ReplaceText): Partial<Query>;
  /** The dimensions by which the query can be filtered; undefined if unknown, in which case every filter is sent. */
  filterDimensions(query: Query, catalog: Catalog | undefined): readonly string[] | undefined;
  /** Why an ad-hoc filter does not apply, for the notice on the panel. Without a reason there is no notice. */
  whyNotFiltered?(query: Query, catalog: Catalog | undefined): string | undefined;
  /** Whether the request needs the catalog. */
  needsCatalog?(query: Query): boolean;
  /** @param query complete, interpolated and with ad-hoc filters */
  request(query: Query, context: RequestContext, client: AnalyticsClient): QueryTypeRequest<Query>;
}

/** A type that users select in the query editor. Annotations and variables have editors of their own. */
export interface PanelQueryTypeDefinition<
  Type extends string,
  Query extends BaseQuery,
> extends QueryTypeDefinition<Type, Query> {
  readonly label: string;
  readonly description: string;
  /** Loads the editor, which is not part of the entry bundle. */
  loadEditor(): Promise<ComponentType<EditorProps<Query>>>;
}

export type ReplaceText = (text: string | undefined) => string | undefined;

export interface EditorProps<Query extends BaseQuery> {
  client: AnalyticsClient;
  /** Normalized. */
  query: Query;
  catalog?: Catalog;
  /** Also runs the query. */
  onChange(query: Query): void;
}

export type QueryTypeRequest<Query extends BaseQuery = BaseQuery> = BatchedRequest<Query> | SeparateRequest;

/** Joins the other targets of the panel in one `POST /query`. */
export interface BatchedRequest<Query extends BaseQuery = BaseQuery> {
  plan: Plan<Query>;
  toFrames(answered: AnsweredPlan<Query>, batch: Batch): DataFrame[];
}

/** What a target must know of the targets that it is answered with. */
export interface Batch {
  /** Whether the panel shows several metrics, so that names must include the metric. */
  qualified: boolean;
}

/** Has a route of its own. */
export interface SeparateRequest {
  frames: Observable<DataFrame[]>;
}
