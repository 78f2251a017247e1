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
  /** Fields that are removed when the user selects another query type. The others are kept in case the user returns. */
  readonly removedWithType?: ReadonlyArray<keyof Query>;
  /** Whether the query has everything that its request needs. */
  isComplete(query: Query): boolean;
  /** A description of the query, for lists of queries. */
  displayText(query: Query): string;
  /** The fields of this type with their template variables replaced. */
  interpolate?(query: Query, replace: ReplaceVariables): Partial<Query>;
  /** The dimensions by which the query can be filtered; undefined if unknown, in which case every filter is sent. */
  filterDimensions(query: Query, catalog: Catalog | undefined): readonly string[] | undefined;
  /** Why an ad-hoc filter does not apply, for the notice on the panel. Without a reason there is no notice. */
  whyNotFiltered?(query: Query, catalog: Catalog | undefined): string | undefined;
  /** Whether the request needs the catalog. */
  needsCatalog?(query: Query): boolean;
  /** @param query complete, interpolated and with ad-hoc filters */
  request(query: Query, context: RequestContext, client: AnalyticsClient): QueryTypeRequest<Query>;
}

/** A type that users select in the query editor. Annotations and variables have their own editors. */
export interface PanelQueryTypeDefinition<
  Type extends string,
  Query extends BaseQuery,
> extends QueryTypeDefinition<Type, Query> {
  readonly label: string;
  readonly description: string;
  /** Loads the editor, which is not part of the entry bundle. */
  loadEditor(): Promise<ComponentType<EditorProps<Query>>>;
}

export interface ReplaceVariables {
  text(text: string | undefined): string | undefined;
  /** Each text with all the values of its variables, in order. Texts without a value are left out. */
  texts(texts: readonly string[] | undefined): string[];
}

export interface EditorProps<Query extends BaseQuery> {
  client: AnalyticsClient;
  /** The normalized query. */
  query: Query;
  catalog?: Catalog;
  /** Changes the query and runs it. */
  onChange(query: Query): void;
}

export type QueryTypeRequest<Query extends BaseQuery = BaseQuery> =
  BatchedRequest<Query> | SeparateRequest | StreamedRequest;

/** A type whose targets are sent in one `POST /query` with the other targets of the panel. */
export interface BatchedRequest<Query extends BaseQuery = BaseQuery> {
  plan: Plan<Query>;
  toFrames(answered: AnsweredPlan<Query>, batch: Batch): DataFrame[];
}

/** What a target must know about the other targets of its request. */
export interface Batch {
  /** Whether the panel shows several metrics, so that names must include the metric. */
  qualified: boolean;
}

/** A type with its own route. */
export interface SeparateRequest {
  frames: Observable<DataFrame[]>;
}

/** A type whose frames come again and again. */
export interface StreamedRequest {
  stream: Observable<DataFrame[]>;
}
