/** What is still to be done when the process ends. */
import type { EndSignal } from './options.js';

export interface EndHooks {
  onExit: boolean;
  onSignals: boolean | readonly EndSignal[];
  /** Resolves in bounded time. */
  finish: () => Promise<unknown>;
}

/** @returns what takes the hooks off again */
export function hookProcessEnd({ onExit, onSignals, finish }: EndHooks): () => void {
  // Comes again whenever the loop has run empty, so also after what `finish` has done; with nothing left, it ends there.
  const beforeExit = (): void => void finish();
  const signals = onSignals === true ? (['SIGINT', 'SIGTERM'] as const) : onSignals || [];
  const onSignal = (signal: EndSignal): void => {
    // Off first: the signal given a second time ends the process at once.
    unhook();
    void finish().finally(() => {
      // A listener of the program's own decides by itself when to end.
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
