/**
 * The database as a read request sees it: every statement runs within the tenant's share. The request takes its turn
 * with the first statement, so a cached answer needs none, and keeps it until its answer has been received. So a client
 * that does not read its answers soon has to wait, and not the memory of the process.
 */
import type { FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import type { QueryResult, QueryResultRow } from 'pg';
import { finished } from 'node:stream';
import type { ReadPool, ReadShares } from '../db/read-shares.js';
import type { ReadCosts } from './read-costs.js';

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Set on every route that reads: those with the scope `analytics:read` or `analytics:admin`, and GET routes with another
     * one.
     */
    reader: Reader;
  }
}

export class Reader implements ReadPool {
  private turn: Promise<() => void> | undefined;

  constructor(
    private readonly shares: ReadShares,
    private readonly costs: ReadCosts,
    private readonly tenantId: string,
  ) {}

  /** For answers that are streamed, which have limits of their own: statements within the share, without a turn. */
  get withoutTurn(): ReadPool {
    return { query: (text, values) => this.shares.query(this.tenantId, text, values) };
  }

  async query<R extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<R>> {
    await this.begin();
    const result = await this.shares.query<R>(this.tenantId, text, values);
    this.charge(result.rows.length);
    return result;
  }

  /** Runs work that takes one connection of its own. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.begin();
    return this.shares.run(this.tenantId, work);
  }

  /** Counts rows or cells against what the tenant's reads may cost. */
  charge(count: number): void {
    this.costs.charge(this.tenantId, count);
  }

  /** Ends the request's turn. */
  end(): void {
    this.turn?.then(
      (release) => release(),
      () => undefined,
    );
  }

  private async begin(): Promise<void> {
    if (this.turn === undefined) this.costs.check(this.tenantId);
    await (this.turn ??= this.shares.begin(this.tenantId));
  }
}

export const readers = plugin<{ shares: ReadShares; costs: ReadCosts }>(
  async (app, { shares, costs }) => {
    app.decorateRequest('reader');
    app.addHook('onRequest', (request, _reply, done) => {
      const { scope } = request.routeOptions.config;
      const isRead = scope === 'analytics:read' || scope === 'analytics:admin';
      if (isRead || (scope !== undefined && request.method === 'GET'))
        request.reader = new Reader(shares, costs, request.principal.tenantId);
      done();
    });
    // Runs when the answer is complete, also if the client has disconnected.
    app.addHook('onSend', (request: FastifyRequest, reply, _payload, done) => {
      const { reader } = request;
      if (reader !== undefined) finished(reply.raw, () => reader.end());
      done();
    });
  },
  { name: 'readers', dependencies: ['authentication'] },
);
