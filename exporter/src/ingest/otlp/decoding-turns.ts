/** Which requests of spans may be decoded: as many as there is memory for, of each tenant in turn. */

/** What is decoded is many times as large as it came; of several parts it waits until they are written. */
const MAX_DECODED_BYTES = 20 * 1024 * 1024;
/** Smaller ones have one part, whatever is in them, and wait for no turn. */
const SMALL_BYTES = 64 * 1024;

interface Turn {
  bytes: number;
  begin: () => void;
}

export class DecodingTurns {
  /** By tenant, in the order in which the tenants have a turn. */
  private readonly queues = new Map<string, Turn[]>();
  private decodedBytes = 0;
  private decoded = 0;

  /** Requests that have a turn at the moment. */
  get taken(): number {
    return this.decoded;
  }

  /** Does the work when it is the request's turn. */
  async run<T>(tenantId: string, bytes: number, work: () => Promise<T>): Promise<T> {
    if (!needsTurn(bytes)) return work();
    await new Promise<void>((begin) => {
      const queue = this.queues.get(tenantId);
      if (queue === undefined) this.queues.set(tenantId, [{ bytes, begin }]);
      else queue.push({ bytes, begin });
      this.next();
    });
    try {
      return await work();
    } finally {
      this.decodedBytes -= bytes;
      this.decoded -= 1;
      this.next();
    }
  }

  /** Begins what there is room for, a request of each tenant in turn; none overtakes one for which there is no room yet. */
  private next(): void {
    for (const [tenantId, queue] of this.queues) {
      const { bytes, begin } = queue[0]!;
      if (this.decoded > 0 && this.decodedBytes + bytes > MAX_DECODED_BYTES) return;
      queue.shift();
      this.queues.delete(tenantId);
      // Behind the others; the loop comes to it again.
      if (queue.length > 0) this.queues.set(tenantId, queue);
      this.decodedBytes += bytes;
      this.decoded += 1;
      begin();
    }
  }
}

export const needsTurn = (bytes: number): boolean => bytes > SMALL_BYTES;
