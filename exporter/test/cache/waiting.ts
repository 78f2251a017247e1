import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** Waits until the client is connected, which may take several attempts on a busy machine. */
export async function connected(redis: Redis): Promise<Redis> {
  await waitFor(() => redis.status === 'ready');
  return redis;
}

/** Waits until the condition holds, and throws after ten seconds. Errors of Redis commands are ignored meanwhile. */
export async function waitFor(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  const holds = async (): Promise<boolean> => condition();
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`still waiting for ${condition}`);
    await sleep(25);
  }
}
