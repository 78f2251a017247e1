/** A log that a test can read. */
import type { CacheLog } from '../../src/cache/shared.js';

export interface RecordingLog extends CacheLog {
  /** One string per line: level, message, fields as JSON. */
  lines: string[];
}

export function recordingLog(): RecordingLog {
  const lines: string[] = [];
  const record = (level: string) => (fields: object, message: string) => {
    lines.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  };
  return { info: record('info'), warn: record('warn'), lines };
}
