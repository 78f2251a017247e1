import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';

/** A query together with the data source that answers it. */
export interface Target {
  datasource: DataSourceRef;
  /** @param refId the query's letter within its panel, or the name under which a variable or annotation runs it */
  query(refId: string): Builder<Dataquery>;
}

/** Letters for the targets of one panel: A, B, C … in their order. */
export function letter(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}
