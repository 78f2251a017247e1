export { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded.js';
export { EmbeddedPostgresError } from './errors.js';
export type { EmbeddedPostgresLog } from './log.js';
export { endServer, runningServer, type RunningServer } from './inspect.js';
export { makeTemporaryDataDir, removeLeftoverDataDirs } from './temporary.js';
export { findProcess, isSameProcess, type ProcessInfo } from './processes.js';
export { freePort } from './port.js';
