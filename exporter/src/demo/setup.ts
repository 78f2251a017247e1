/** What the demo tenant is set up with: names, tags and creators of agents, names of users, tool prices and cost items. */
import type { Pool } from 'pg';
import { createItem, type ItemInput, listItems } from '../costs/items.js';
import { listPrices, putToolPrice } from '../costs/own-prices.js';
import type { Author } from '../tenants/audit.js';
import { putAgent, putUser } from '../tenants/directory.js';
import type { Registry } from '../tenants/registry.js';
import { formatDate, nextMonth, startOfMonth, DAY } from '../time.js';
import type { DemoTenant } from './fleet.js';
import { STAFF } from './teams.js';

export interface SetupOptions {
  pool: Pool;
  registry: Registry;
  tenant: DemoTenant;
  author: Author;
  /** Start and end of the history; milliseconds. */
  from: number;
  now: number;
}

/** It has a vector index, but runs nothing. */
const IDLE_AGENT = { id: 'newsletter-writer', name: 'Newsletter writer' };
/** Teams whose agents answer to customers. */
const CUSTOMER_FACING: readonly string[] = ['support', 'sales'];

/** USD for a call. */
const TOOL_PRICES = {
  search_help: 0.002,
  search_tickets: 0.001,
  track_parcel: 0.004,
  parse_document: 0.03,
  inspect_photos: 0.012,
  translate: 0.02,
  run_tests: 0.015,
  query_logs: 0.005,
} as const;

/** USD a month. */
const MONTHLY: readonly Omit<ItemInput, 'start_date' | 'end_date'>[] = [
  { category: 'storage', amount_usd: 15, description: 'Transcripts' },
  { category: 'storage', amount_usd: 7, agent_id: 'catalog-enricher', description: 'Product embeddings' },
  {
    category: 'storage',
    amount_usd: 24,
    agent_id: IDLE_AGENT.id,
    description: 'Vector index of newsletters',
  },
  { category: 'other', amount_usd: 20, description: 'Evaluation runs' },
];

/** Sets up what is not there yet, so that it may be called again. Call it before executions are written. */
export async function setUp(options: SetupOptions): Promise<void> {
  await enterStaff(options);
  await setToolPrices(options);
  await addCostItems(options);
}

async function enterStaff({ pool, registry, tenant }: SetupOptions): Promise<void> {
  const names = new Map([...tenant.agents, IDLE_AGENT].map(({ id, name }) => [id, name]));
  for (const { name: team, agents, members } of STAFF) {
    for (const { id, name } of members) await putUser(pool, registry, tenant.id, id, { name });
    for (const [i, id] of agents.entries()) {
      if (!names.has(id)) continue;
      await putAgent(pool, registry, tenant.id, id, {
        name: names.get(id),
        tags: [team, ...(CUSTOMER_FACING.includes(team) ? ['customer-facing'] : [])],
        created_by: members[i % members.length]!.id,
      });
    }
  }
}

async function setToolPrices({ pool, tenant, author, from }: SetupOptions): Promise<void> {
  const prices = await listPrices(pool, tenant.id);
  const priced = new Set(prices.map((price) => ('tool_name' in price ? price.tool_name : undefined)));
  for (const [tool_name, usd_per_call] of Object.entries(TOOL_PRICES))
    if (!priced.has(tool_name))
      await putToolPrice(pool, tenant.id, { tool_name, usd_per_call, effective_from: from }, author);
}

/** One of each for every month of the history, up to the end of the current one. */
async function addCostItems({ pool, tenant, from, now }: SetupOptions): Promise<void> {
  const known = new Set((await listItems(pool, tenant.id)).map(({ start_date }) => start_date));
  for (let month = startOfMonth(from); month <= now; month = nextMonth(month)) {
    const start_date = formatDate(month);
    if (known.has(start_date)) continue;
    const end_date = formatDate(nextMonth(month) - DAY);
    for (const item of MONTHLY) await createItem(pool, tenant.id, { ...item, start_date, end_date });
  }
}
