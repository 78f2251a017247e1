/** Sends the queue when the process ends. */
import type { EndSignal } from './options.js';

export interface EndHooks {
  onExit: boolean;
  onSignals: boolean | readonly EndSignal[];
  /** Resolves in bounded time. */
  finish: () => Promise<unknown>;
}

/** @returns a function that removes the hooks */
export function hookProcessEnd({ onExit, onSignals, finish }: EndHooks): () => void {
  // Emitted again whenever the event loop is empty, so also after `finish`. Without new work, the process then exits.
  const beforeExit = (): void => void finish();
  const signals = onSignals === true ? (['SIGINT', 'SIGTERM'] as const) : onSignals || [];
  const onSignal = (signal: EndSignal): void => {
    // Remove the handler first, so that a second signal ends the process immediately.
    unhook();
    void finish().finally(() => {
      // If the program has its own listener, that decides when to exit.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  };
  const unhook = (): void => {
    process.off('beforeExit', beforeExit);
    for (const signal of signals) process.off(signal, onSignal);
  };
  if (onExit) process.on('beforeExit', beforeExit);
  for (const signal of signals) process.on(signal, onSignal);
  return unhook;
}
