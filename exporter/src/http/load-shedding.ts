/** Refuses requests while the event loop is delayed, so that the process can recover. */
import underPressure from '@fastify/under-pressure';
import plugin from 'fastify-plugin';
import { AppError, RETRY_AFTER } from '../errors.js';
import { isProbe } from './observation.js';

const DEFAULT_MAX_DELAY_MS = 2_000;

export interface LoadSheddingOptions {
  /** Mean delay of the event loop above which requests are shed; 0 disables shedding. */
  maxEventLoopDelayMs?: number;
}

export const loadShedding = plugin<LoadSheddingOptions>(
  async (app, { maxEventLoopDelayMs = DEFAULT_MAX_DELAY_MS }) => {
    await app.register(underPressure, {
      maxEventLoopDelay: maxEventLoopDelayMs,
      pressureHandler: (request) => {
        // Health checks and scrapes are never shed: a busy process is alive, and monitoring must see it.
        if (isProbe(request.url)) return;
        if (request.routeOptions.config.queued === true) return;
        throw new AppError('UNAVAILABLE', 'the service is overloaded; try again', {
          retryAfter: RETRY_AFTER.overload,
        });
      },
    });
  },
  { name: 'load-shedding' },
);
