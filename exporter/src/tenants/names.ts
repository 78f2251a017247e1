/** Agents or users of a tenant by id, with what facts say of them: known ones in memory, new and changed ones in the database. */
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { retryTransient } from '../db/pool.js';
import { arrayText } from '../facts/types.js';
import { MINUTE } from '../time.js';

const KNOWN_FOR_MS = 5 * MINUTE;
const MAX_IN_MEMORY = 100_000;
const MAX_TENANTS_WITH_UNWRITTEN_NAMES = 1_000;

/** What a fact says; null where it says nothing. */
export interface Said {
  name: string | null;
  /** As the text of an array. */
  tags: string | null;
}

/** By id. */
export type SaidById = ReadonlyMap<string, Said>;

/** How a table is written. All take $1 the tenant, then the parallel arrays $2 of ids, $3 of names and $4 of tags. */
export interface NamesSql {
  /** Inserts those that are missing, and answers `{ id, name }` of all. Known rows are not touched. */
  register: string;
  /** Changes what differs. */
  rename: string;
}

export class Names {
  /** Tags are undefined until this process has written them. */
  private readonly known = new LRUCache<string, { name: string | null; tags?: string }>({
    max: MAX_IN_MEMORY,
    ttl: KNOWN_FOR_MS,
  });
  /** What could not be written with its facts, by tenant. */
  private readonly unwritten = new LRUCache<string, SaidById>({ max: MAX_TENANTS_WITH_UNWRITTEN_NAMES });

  constructor(
    private readonly pool: Pool,
    private readonly sql: NamesSql,
  ) {}

  /** Registers those that are not known, and names those that the statement names. */
  async register(tenantId: string, said: SaidById): Promise<void> {
    const wanted = new Map<string, Said>();
    for (const [id, one] of said) {
      if (this.lacks(tenantId, id, one.name)) wanted.set(id, one);
    }
    if (wanted.size === 0) return;
    const { rows } = await retryTransient(() =>
      this.pool.query<{ id: string; name: string | null }>(this.sql.register, parametersOf(tenantId, wanted)),
    );
    for (const { id, name } of rows) this.known.set(keyOf(tenantId, id), { name });
  }

  /**
   * Writes what differs from what is known. The facts are stored already, so this never fails: what could not be written is
   * written with the tenant's next facts.
   */
  async rename(tenantId: string, said: SaidById): Promise<void> {
    const late = this.unwritten.get(tenantId);
    const changed = this.changed(tenantId, late === undefined ? said : merged(late, said));
    this.unwritten.delete(tenantId);
    if (changed.size === 0) return;
    try {
      await retryTransient(() => this.pool.query(this.sql.rename, parametersOf(tenantId, changed)));
    } catch {
      const later = this.unwritten.get(tenantId);
      this.unwritten.set(tenantId, later === undefined ? changed : merged(changed, later));
      return;
    }
    for (const [id, { name, tags }] of changed) {
      const known = this.known.get(keyOf(tenantId, id));
      this.known.set(keyOf(tenantId, id), {
        name: name ?? known?.name ?? null,
        tags: tags ?? known?.tags,
      });
    }
  }

  /** Whether it is known to be registered. If false, it may have been registered by another process. */
  knows(tenantId: string, id: string): boolean {
    return this.known.has(keyOf(tenantId, id));
  }

  /** Whether it has to be registered, or to get its first name. Another process may have done so meanwhile. */
  lacks(tenantId: string, id: string, name: string | null): boolean {
    const known = this.known.get(keyOf(tenantId, id));
    return known === undefined || (known.name === null && name !== null);
  }

  /** What is known of it may be outdated. */
  forget(tenantId: string, id: string): void {
    this.known.delete(keyOf(tenantId, id));
  }

  private changed(tenantId: string, said: SaidById): Map<string, Said> {
    const changed = new Map<string, Said>();
    for (const [id, one] of said) {
      const known = this.known.get(keyOf(tenantId, id));
      const isNew = one.name !== null && known?.name !== one.name;
      if (isNew || (one.tags !== null && known?.tags !== one.tags)) changed.set(id, one);
    }
    return changed;
  }
}

const keyOf = (tenantId: string, id: string): string => `${tenantId} ${id}`;

function parametersOf(tenantId: string, said: SaidById): unknown[] {
  // Sorted, so that concurrent statements lock rows in the same order. A rollup updates them in another order.
  const ids = [...said.keys()].sort();
  return [tenantId, ids, ids.map((id) => said.get(id)!.name), ids.map((id) => said.get(id)!.tags)];
}

const merged = (before: SaidById, after: SaidById): SaidById => {
  const all = new Map(before);
  for (const [id, { name, tags }] of after) {
    const known = all.get(id);
    all.set(id, { name: name ?? known?.name ?? null, tags: tags ?? known?.tags ?? null });
  }
  return all;
};

/** The last that the facts say of each id. */
export function lastSaid<Fact>(
  facts: readonly Fact[],
  read: {
    id: (fact: Fact) => string | null | undefined;
    name: (fact: Fact) => string | null | undefined;
    tags?: (fact: Fact) => readonly string[] | null | undefined;
  },
): SaidById {
  const all = new Map<string, Said>();
  for (const fact of facts) {
    const id = read.id(fact);
    if (id == null) continue;
    const name = read.name(fact) ?? null;
    const tags = read.tags?.(fact) ?? null;
    const known = all.get(id);
    if (known === undefined) all.set(id, { name, tags: tags === null ? null : textOf(tags) });
    else {
      if (name !== null) known.name = name;
      if (tags !== null) known.tags = textOf(tags);
    }
  }
  return all;
}

const textOf = (tags: readonly string[]): string => arrayText([...new Set(tags)]);
