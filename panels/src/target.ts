import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';

/** A query with its data source. */
export interface Target {
  datasource: DataSourceRef;
  /** @param refId letter of the query within its panel, or a name in variables and annotations */
  query(refId: string): Builder<Dataquery>;
}

/** The refId of a panel's target: A, B, C … */
export function letter(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}
