/** The live figures of the tenants that somebody listens to, once a second however many listen. */
import type { DatabaseLog } from '../db/log.js';
import { messageOf } from '../errors.js';
import { Pauses } from '../pause.js';
import { SECOND } from '../time.js';
import type { FiguresReader } from './figures.js';
import type { LiveFigures } from './schema.js';

export interface Listener {
  /** Called every second. */
  onSecond(): void;
  /** Called with the figures of its tenant when they have been read, at most once a second. */
  onFigures(figures: LiveFigures): void;
}

export class LiveFeed {
  private readonly tenants = new Map<string, Set<Listener>>();
  private timer: NodeJS.Timeout | undefined;
  private reading: Promise<void> | undefined;
  private hasFailed = false;

  constructor(
    private readonly reader: Pick<FiguresReader, 'read'>,
    private readonly log: Pick<DatabaseLog, 'warn'>,
  ) {}

  /** @returns ends it */
  listen(tenantId: string, listener: Listener): () => void {
    const listeners = this.tenants.get(tenantId) ?? new Set();
    listeners.add(listener);
    this.tenants.set(tenantId, listeners);
    this.timer ??= setInterval(() => this.second(), SECOND).unref();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.tenants.get(tenantId) === listeners) this.tenants.delete(tenantId);
      if (this.tenants.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  }

  /** Resolves when nothing is being read any more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.reading;
  }

  private second(): void {
    for (const listeners of this.tenants.values()) for (const listener of listeners) listener.onSecond();
    // A slow database leaves seconds out, and is not asked again meanwhile.
    this.reading ??= this.read().finally(() => (this.reading = undefined));
  }

  private async read(): Promise<void> {
    try {
      const figures = await this.reader.read([...this.tenants.keys()]);
      await this.tell(figures);
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed) this.log.warn({ error: messageOf(error) }, 'the live figures cannot be read');
      this.hasFailed = true;
    }
  }

  private async tell(figures: ReadonlyMap<string, LiveFigures>): Promise<void> {
    const pauses = new Pauses();
    for (const [tenantId, ofTenant] of figures) {
      for (const listener of this.tenants.get(tenantId) ?? []) listener.onFigures(ofTenant);
      if (pauses.isDue) await pauses.take();
    }
  }
}
