/** Pseudo-random numbers that depend only on a key, so that the demo's data is reproducible. */
import { createHash } from 'node:crypto';

export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  /** @param key for example an agent and an hour */
  constructor(...key: readonly (string | number)[]) {
    const seed = createHash('sha256').update(key.join('\0')).digest();
    this.a = seed.readInt32LE(0);
    this.b = seed.readInt32LE(4);
    this.c = seed.readInt32LE(8);
    this.counter = seed.readInt32LE(12);
  }

  /** 32 random bits as an unsigned integer (the generator sfc32). */
  bits(): number {
    const result = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + result) | 0;
    return result >>> 0;
  }

  /** From 0 inclusive to 1 exclusive. */
  unit(): number {
    return this.bits() / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor(this.unit() * below);
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }

  /** @param sigma standard deviation of the logarithm; with 0.5, the 95th percentile is 2.3 times the median */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  poisson(mean: number): number {
    if (mean > 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.unit(); product > limit; product *= this.unit()) count += 1;
    return count;
  }

  /** Picks one of the items, weighted; `total` is the sum of the weights. */
  pick<T extends { weight: number }>(items: readonly T[], total: number): T {
    let left = this.unit() * total;
    for (const item of items) {
      left -= item.weight;
      if (left < 0) return item;
    }
    return items.at(-1)!;
  }

  /** A UUIDv8 that looks random but is the same in every run. */
  uuid(): string {
    const a = this.bits();
    const b = this.bits();
    const c = this.bits();
    const version = hex(0x8000 | (b & 0xfff), 4);
    const variant = hex(0x8000 | (c >>> 18), 4);
    return `${hex(a, 8)}-${hex(b >>> 16, 4)}-${version}-${variant}-${hex(c & 0xffff, 4)}${hex(this.bits(), 8)}`;
  }
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
