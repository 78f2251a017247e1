/** Requests are refused while the event loop is late, so that the process recovers. */
import underPressure from '@fastify/under-pressure';
import plugin from 'fastify-plugin';
import { AppError, RETRY_AFTER } from '../errors.js';
import { isProbe } from './observation.js';

const DEFAULT_MAX_DELAY_MS = 2_000;

export interface LoadSheddingOptions {
  /** Mean delay of the event loop above which requests are shed; 0: never. */
  maxEventLoopDelayMs?: number;
}

export const loadShedding = plugin<LoadSheddingOptions>(
  async (app, { maxEventLoopDelayMs = DEFAULT_MAX_DELAY_MS }) => {
    await app.register(underPressure, {
      maxEventLoopDelay: maxEventLoopDelayMs,
      pressureHandler: (request) => {
        // A busy process is alive, and monitoring must be able to see it.
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
