/** Closes the app: requests in flight are answered, and the data that they have queued is written. */
import plugin from 'fastify-plugin';
import type { Cache } from '../cache/cache.js';
import type { Services } from '../services.js';

export interface ShutdownOptions {
  services: Services;
  cache: Cache | undefined;
}

export const shutdown = plugin<ShutdownOptions>(
  async (app, { services, cache }) => {
    app.addHook('preClose', async () => {
      // Otherwise a busy connection would be kept alive after its response, and closing would wait for it.
      app.server.keepAliveTimeout = 1;
    });
    app.addHook('onClose', async () => {
      await services.ingest.drain();
      await services.traces.drain();
      await services.traces.close();
      await services.executions.drain();
      await services.reservations.drain();
      await services.stop();
      await cache?.close();
    });
  },
  { name: 'shutdown' },
);
