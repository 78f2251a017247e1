import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** The client, once it is connected; on a busy machine that may take it more than one attempt. */
export async function connected(redis: Redis): Promise<Redis> {
  await waitFor(() => redis.status === 'ready');
  return redis;
}

/** Returns when the condition holds, and throws when it does not within ten seconds. A command of Redis may fail meanwhile. */
export async function waitFor(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  const holds = async (): Promise<boolean> => condition();
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`still waiting for ${condition}`);
    await sleep(25);
  }
}
