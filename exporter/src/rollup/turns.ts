/**
 * Whose turn it is: the tenant that has taken the least time of late. So a small change waits for one turn of another tenant
 * at most, however many tenants have more to do than can be done; those share the time.
 */
export class Turns {
  private spent = new Map<string, number>();

  next(waiting: Iterable<string>): string | undefined {
    let least: string | undefined;
    for (const tenantId of waiting)
      if (least === undefined || this.of(tenantId) < this.of(least)) least = tenantId;
    return least;
  }

  took(tenantId: string, milliseconds: number): void {
    this.spent.set(tenantId, this.of(tenantId) + milliseconds);
  }

  /** What was taken long ago counts less and less. */
  fade(): void {
    const halves = [...this.spent].map(([tenantId, spent]) => [tenantId, spent / 2] as const);
    this.spent = new Map(halves.filter(([, spent]) => spent >= 1));
  }

  private of(tenantId: string): number {
    return this.spent.get(tenantId) ?? 0;
  }
}
