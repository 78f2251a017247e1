/** Dimensions of which a row has any number of values: it counts under each of them, and under null where it has none. */
import type { DimensionName } from '../catalog/index.js';

/** Adds the tenant to the parameters, where it is used: one that is not is an error. */
type Placeholder = () => string;

export interface Each {
  /** One of the values, of a row that `join` has made of each. */
  value: string;
  join(row: string, tenant: Placeholder): string;
  /** That the row has a value that meets the condition. */
  has(row: string, tenant: Placeholder, condition: (value: string) => string): string;
  /** What a reader of groups has to know. */
  notice: string;
}

const sums = 'the groups may add up to more than the whole.';

const EACH: Partial<Record<DimensionName, Each>> = {
  agentTag: {
    value: 'agent_tag.tag',
    join: (row, tenant) =>
      `LEFT JOIN (SELECT a.id, unnest(a.tags) AS tag FROM agents a WHERE a.tenant_id = ${tenant()}) AS agent_tag ` +
      `ON agent_tag.id = ${row}.agent_id`,
    has: (row, tenant, condition) =>
      `${row}.agent_id IN (SELECT a.id FROM agents a, unnest(a.tags) AS t (tag) ` +
      `WHERE a.tenant_id = ${tenant()} AND ${condition('t.tag')})`,
    notice: `An agent counts under each of its tags: ${sums}`,
  },
  tag: {
    value: 'own_tag.tag',
    join: (row) =>
      `LEFT JOIN LATERAL (SELECT DISTINCT t.tag FROM unnest(${row}.tags) AS t (tag)) AS own_tag ON true`,
    has: (row, _, condition) =>
      `EXISTS (SELECT FROM unnest(${row}.tags) AS t (tag) WHERE ${condition('t.tag')})`,
    notice: `An execution counts under each of its tags: ${sums}`,
  },
};

export const eachOf = (name: DimensionName): Each | undefined => EACH[name];

/** The joins that a statement needs which is grouped by these dimensions. */
export const joinEach = (dimensions: readonly DimensionName[], row: string, tenant: Placeholder): string =>
  dimensions.flatMap((name) => EACH[name]?.join(row, tenant) ?? []).join(' ');
