/** Finds the recommendations of a tenant in what is stored of a period. */
import type { ReadPool } from '../../db/read-shares.js';
import { formatUsd, parseUsd, toWire, type Usd } from '../../money.js';
import { formatTime } from '../../time.js';
import {
  bySavings,
  type Evidence,
  type Finding,
  idOf,
  type Kind,
  type Range,
  type Search,
} from './finding.js';
import { KINDS } from './kinds.js';
import { windowOf } from './window.js';

/** As it is answered. */
export interface Recommendation {
  id: string;
  kind: string;
  title: string;
  /** USD in 30 days; null where it is not known. */
  savings: number | null;
  action: string;
  agent_id: string | null;
  model: string | null;
  evidence: Evidence & { from: string; to: string };
  caveat: string | null;
}

/** With what tells whether it has changed. */
export interface Recommended {
  recommendation: Recommendation;
  /** Exact. */
  savings: Usd | null;
  weight: number;
  /** Whether its savings can still be made. */
  isOpen: boolean;
}

export interface Recommendations {
  period: Range;
  all: Recommended[];
}

/** As bytes, for a cache. */
export const packed = ({ period, all }: Recommendations): Buffer =>
  Buffer.from(
    JSON.stringify({
      period,
      all: all.map(({ savings, ...rest }) => ({
        ...rest,
        savings: savings === null ? null : formatUsd(savings),
      })),
    }),
  );

/** What `packed` has packed. */
export function unpacked(bytes: Buffer): Recommendations {
  type Packed = Omit<Recommended, 'savings'> & { savings: string | null };
  const { period, all } = JSON.parse(bytes.toString()) as { period: Range; all: Packed[] };
  return {
    period,
    all: all.map(({ savings, ...rest }) => ({
      ...rest,
      savings: savings === null ? null : parseUsd(savings),
    })),
  };
}

type Found = Finding & { kind: Kind };

/** Kinds that are looked for at the same time for a request: fewer than the share of a tenant in the default pool. */
const AT_ONCE = 2;

/**
 * The largest savings first.
 * @param atOnce how many connections it takes
 */
export async function recommend(
  pool: ReadPool,
  tenantId: string,
  period: Range,
  now: number,
  atOnce = AT_ONCE,
): Promise<Recommendations> {
  const { from, to } = period;
  const window = await windowOf(pool, tenantId, period, now);
  const history = await windowOf(pool, tenantId, { from: from - (to - from), to }, now);
  const search = { pool, tenantId, period, window, history, now };
  const found = (await findAll(search, atOnce)).sort(bySavings);
  const names = await agentNames(pool, tenantId, found);
  const looked = { from: formatTime(window.from), to: formatTime(window.to) };
  return { period, all: found.map((finding) => recommendedOf(finding, names, looked)) };
}

/** In the order of the kinds, whichever is found first. */
async function findAll(search: Search, atOnce: number): Promise<Found[]> {
  const found: Found[][] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < KINDS.length) {
      const place = next++;
      const kind = KINDS[place]!;
      found[place] = (await kind.find(search)).map((finding) => ({ ...finding, kind }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return found.flat();
}

function recommendedOf(
  { kind, ...finding }: Found,
  names: ReadonlyMap<string, string>,
  looked: { from: string; to: string },
): Recommended {
  const { agentId, model, savings, weight, words, caveat, evidence } = finding;
  const wire = savings === null ? null : toWire(formatUsd(savings));
  return {
    recommendation: {
      id: idOf(kind.name, finding),
      kind: kind.name,
      savings: wire,
      ...words(agentId === null ? 'Runs without an agent' : (names.get(agentId) ?? agentId)),
      agent_id: agentId,
      model,
      evidence: { ...looked, ...evidence },
      caveat,
    },
    savings,
    weight: weight ?? wire ?? 0,
    isOpen: kind.isDone !== true,
  };
}

async function agentNames(
  pool: ReadPool,
  tenantId: string,
  found: readonly Found[],
): Promise<Map<string, string>> {
  const ids = new Set(found.flatMap(({ agentId }) => agentId ?? []));
  const { rows } = await pool.query<{ id: string; name: string }>(
    'SELECT id, name FROM agents WHERE tenant_id = $1 AND id = ANY ($2::text[]) AND name IS NOT NULL',
    [tenantId, [...ids]],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
