/**
 * Costs by day, agent and what was used, as rows of FOCUS 1.2 (FinOps Open Cost and Usage Specification) with the columns
 * that later versions added. A column that nothing is known for is there, and null.
 */
import { agentName } from '../../facts/execution/columns.js';
import { columnsOf, type PortableColumn } from '../../facts/portable.js';
import { toWireOfOne } from '../../money.js';
import { byAgent, type Dataset, daysSql, FIRST_DATE, type Page } from './dataset.js';

/** What stands for a provider that is not known: the column must have a value. */
const UNKNOWN = `'unknown'`;
const TOKENS = ['input_tokens', 'output_tokens', 'cached_input_tokens', 'reasoning_tokens'] as const;
const NO_TOKENS = TOKENS.map(() => '0').join(', ');

/** Model calls, tool calls, and the items that no execution carries. $1 is the tenant. */
const usedSql = (page: Page): string => `
      SELECT d.date, d.agent_id, 'model' AS kind, d.provider, d.model_name AS used,
        sum(d.cost_usd) AS cost, sum(d.input_tokens + d.output_tokens) AS quantity,
        sum(d.usages)::bigint AS calls, sum(d.unpriced)::bigint AS unpriced, ${TOKENS.map((name) => `sum(d.${name})::bigint AS ${name}`).join(', ')}
      FROM execution_model_days d WHERE ${daysSql(page)}${page.where}
      GROUP BY d.date, d.agent_id, d.provider, d.model_name
      UNION ALL
      SELECT d.date, d.agent_id, 'tool', NULL, d.tool_name, sum(d.cost_usd), sum(d.calls), sum(d.calls)::bigint, 0, ${NO_TOKENS}
      FROM execution_tool_days d WHERE ${daysSql(page)}${page.where} AND d.priced > 0
      GROUP BY d.date, d.agent_id, d.tool_name
      UNION ALL
      SELECT d.date, d.agent_id, d.kind, NULL, d.kind, sum(d.cost), count(*), 0, 0, ${NO_TOKENS}
      FROM (SELECT c.tenant_id, c.date, c.agent_id, k.kind, k.cost FROM cost_days c
            CROSS JOIN LATERAL (VALUES ('storage', c.storage_usd), ('other', c.other_usd)) AS k (kind, cost)
            WHERE c.tenant_id = $1 AND k.cost <> 0) AS d
      WHERE ${daysSql(page)}${page.where} GROUP BY d.date, d.agent_id, d.kind`;

/** A word of each kind of what was used. */
const byKind = (model: string, tool: string, storage: string, other: string): string =>
  `CASE kind WHEN 'model' THEN '${model}' WHEN 'tool' THEN '${tool}' WHEN 'storage' THEN '${storage}' ELSE '${other}' END`;

const timeSql = (timestamp: string): string => `to_char(${timestamp}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
const money = (sql: string): string => `round(${sql}, 12)::text`;

const PROVIDER = `coalesce(provider, ${UNKNOWN})`;
const COST = money('cost');
const UNIT_PRICE = `CASE WHEN quantity > 0 THEN ${money('cost / quantity')} END`;
const UNIT = byKind('Tokens', 'Requests', 'Days', 'Days');
const QUANTITY = 'quantity::float8';
const SKU = `concat_ws('/', kind, provider, used)`;

/** Each column once: its type, and the expression that makes it of a row of `usedSql`; none: always null. */
const COLUMNS: readonly (readonly [PortableColumn['type'], string, string?])[] = [
  ['text', 'AvailabilityZone'],
  ['money', 'BilledCost', COST],
  ['text', 'BillingAccountId', '$1::text'],
  ['text', 'BillingAccountName', '(SELECT coalesce(t.name, t.id) FROM tenants t WHERE t.id = $1)'],
  ['text', 'BillingAccountType', `'Organization'`],
  ['text', 'BillingCurrency', `'USD'`],
  ['time', 'BillingPeriodEnd', timeSql(`date_trunc('month', date::timestamp) + interval '1 month'`)],
  ['time', 'BillingPeriodStart', timeSql(`date_trunc('month', date::timestamp)`)],
  ['text', 'CapacityReservationId'],
  ['text', 'CapacityReservationStatus'],
  ['text', 'ChargeCategory', `'Usage'`],
  ['text', 'ChargeClass'],
  [
    'text',
    'ChargeDescription',
    `concat_ws(' ', ${byKind('Tokens of model', 'Calls of tool', 'Cost item:', 'Cost item:')}, used)`,
  ],
  ['text', 'ChargeFrequency', byKind('Usage-Based', 'Usage-Based', 'Recurring', 'Recurring')],
  ['time', 'ChargePeriodEnd', timeSql(`date::timestamp + interval '1 day'`)],
  ['time', 'ChargePeriodStart', timeSql('date::timestamp')],
  ['text', 'CommitmentDiscountCategory'],
  ['text', 'CommitmentDiscountId'],
  ['text', 'CommitmentDiscountName'],
  ['number', 'CommitmentDiscountQuantity'],
  ['text', 'CommitmentDiscountStatus'],
  ['text', 'CommitmentDiscountType'],
  ['text', 'CommitmentDiscountUnit'],
  ['number', 'ConsumedQuantity', QUANTITY],
  ['text', 'ConsumedUnit', UNIT],
  ['money', 'ContractedCost', COST],
  ['money', 'ContractedUnitPrice', UNIT_PRICE],
  ['money', 'EffectiveCost', COST],
  // A provisional one: the service issues no invoices.
  ['text', 'InvoiceId', `$1::text || '/' || to_char(date, 'YYYY-MM')`],
  ['text', 'InvoiceIssuerName', PROVIDER],
  ['money', 'ListCost', COST],
  ['money', 'ListUnitPrice', UNIT_PRICE],
  ['text', 'PricingCategory', `'Standard'`],
  ['text', 'PricingCurrency', `'USD'`],
  ['money', 'PricingCurrencyContractedUnitPrice', UNIT_PRICE],
  ['money', 'PricingCurrencyEffectiveCost', COST],
  ['money', 'PricingCurrencyListUnitPrice', UNIT_PRICE],
  ['number', 'PricingQuantity', QUANTITY],
  ['text', 'PricingUnit', UNIT],
  ['text', 'ProviderName', PROVIDER],
  ['text', 'PublisherName', PROVIDER],
  ['text', 'RegionId'],
  ['text', 'RegionName'],
  ['text', 'ResourceId', 'agent_id'],
  ['text', 'ResourceName', `coalesce(${agentName('used')}, agent_id)`],
  ['text', 'ResourceType', `CASE WHEN agent_id IS NOT NULL THEN 'Agent' END`],
  [
    'text',
    'ServiceCategory',
    byKind('AI and Machine Learning', 'AI and Machine Learning', 'Storage', 'Other'),
  ],
  ['text', 'ServiceName', byKind('Model calls', 'Tool calls', 'Storage', 'Other')],
  [
    'text',
    'ServiceSubcategory',
    byKind('Generative AI', 'Other (AI and Machine Learning)', 'Other (Storage)', 'Other (Other)'),
  ],
  ['text', 'SkuId', SKU],
  ['text', 'SkuMeter', byKind('Tokens', 'Calls', 'Days', 'Days')],
  ['json', 'SkuPriceDetails'],
  ['text', 'SkuPriceId', SKU],
  ['text', 'SubAccountId'],
  ['text', 'SubAccountName'],
  ['text', 'SubAccountType'],
  [
    'json',
    'Tags',
    `(SELECT jsonb_object_agg(tag, true)::text FROM agents t CROSS JOIN LATERAL unnest(t.tags) AS u (tag)
              WHERE t.tenant_id = $1 AND t.id = used.agent_id)`,
  ],
  // Since 1.3.
  ['json', 'AllocatedMethodDetails'],
  ['text', 'AllocatedMethodId'],
  ['text', 'AllocatedResourceId'],
  ['text', 'AllocatedResourceName'],
  ['json', 'AllocatedTags'],
  ['json', 'ContractApplied'],
  // They replace ProviderName and PublisherName.
  ['text', 'HostProviderName', PROVIDER],
  ['text', 'ServiceProviderName', PROVIDER],
  // Own columns.
  ['integer', 'x_Calls', 'calls'],
  ['integer', 'x_UnpricedCalls', 'unpriced'],
  ['text', 'x_Model', `CASE WHEN kind = 'model' THEN used END`],
  ['text', 'x_Tool', `CASE WHEN kind = 'tool' THEN used END`],
  ...TOKENS.map(
    (name) =>
      [
        'integer',
        `x_${name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
        name,
      ] as const,
  ),
];

const KEYS = [`coalesce(agent_id, '')`, 'kind', `coalesce(provider, '')`, `coalesce(used, '')`];

export const focus: Dataset = {
  columns: COLUMNS.flatMap(([type, name]) => columnsOf(type, name)),
  sql: (
    page,
  ) => `SELECT ${COLUMNS.flatMap(([, name, sql]) => (sql === undefined ? [] : [`${sql} AS "${name}"`])).join(', ')},
        c0, c1, c2, c3, c4
      FROM (SELECT *, date::text AS c0, ${KEYS.map((key, i) => `${key} AS c${i + 1}`).join(', ')} FROM (${usedSql(page)}) AS rows) AS used
      WHERE (c0, c1, c2, c3, c4) > (${page.after[0]}::text, ${page.after.slice(1).join(', ')})
      ORDER BY c0, c1, c2, c3, c4 LIMIT ${page.limit}`,
  cursor: [
    { column: 'c0', from: FIRST_DATE },
    ...['c1', 'c2', 'c3', 'c4'].map((column) => ({ column, from: '' })),
  ],
  filters: byAgent('d.agent_id'),
  cells: (row) => {
    for (const [type, name, sql] of COLUMNS)
      if (type === 'money' && sql !== undefined && row[name] !== null)
        row[name] = toWireOfOne(row[name] as string);
    return row;
  },
};
