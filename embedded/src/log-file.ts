/** The server's log: its size is bounded, also while the server writes to it. */
import { copyFileSync, existsSync, statSync, truncateSync } from 'node:fs';
import { logFile } from './data-dir.js';

const MAX_LOG_BYTES = 10 * 1024 * 1024;

/**
 * Moves a long log to `postgres.log.1`, which is replaced. It is copied and emptied, not renamed: the server appends to
 * the file that it has open. Lines that it writes in between are lost.
 */
export function boundLog(dataDir: string): void {
  const file = logFile(dataDir);
  if (!existsSync(file) || statSync(file).size <= MAX_LOG_BYTES) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
}
