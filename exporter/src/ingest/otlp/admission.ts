/** Which requests of spans may be under way, and which of them may be decoded: by their bytes, and fair to every tenant. */

/** Bytes of requests that are under way. A tenant may have half of them: then there is room for others. */
export const MAX_BYTES = 128 * 1024 * 1024;
export const MAX_BYTES_A_TENANT = MAX_BYTES / 2;
/** What is decoded is many times as large as it came; of several parts it waits until they are written. */
const MAX_DECODED_BYTES = 20 * 1024 * 1024;
/** Smaller ones have one part, whatever is in them, and wait for no turn. */
const SMALL_BYTES = 64 * 1024;

interface Turn {
  bytes: number;
  begin: () => void;
}

export class Admission {
  /** Of all requests under way, by tenant. */
  private readonly underWay = new Map<string, number>();
  /** By tenant, in the order in which the tenants have a turn. */
  private readonly queues = new Map<string, Turn[]>();
  private decodedBytes = 0;
  private decoded = 0;

  /** Requests that have a turn at the moment. */
  get turns(): number {
    return this.decoded;
  }

  /** Does the work when it is the request's turn; undefined, and nothing done, where too much is under way already. */
  run<T>(tenantId: string, bytes: number, work: () => Promise<T>): Promise<T> | undefined {
    const ofTenant = (this.underWay.get(tenantId) ?? 0) + bytes;
    const all = [...this.underWay.values()].reduce((sum, some) => sum + some, bytes);
    if (ofTenant > MAX_BYTES_A_TENANT || all > MAX_BYTES) return undefined;
    this.underWay.set(tenantId, ofTenant);
    return (needsTurn(bytes) ? this.inTurn(tenantId, bytes, work) : work()).finally(() => {
      const left = this.underWay.get(tenantId)! - bytes;
      if (left > 0) this.underWay.set(tenantId, left);
      else this.underWay.delete(tenantId);
    });
  }

  private async inTurn<T>(tenantId: string, bytes: number, work: () => Promise<T>): Promise<T> {
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
