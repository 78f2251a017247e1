/** The part of a logger that is written to. A pino logger fits. */
export interface EmbeddedPostgresLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const silentLog: EmbeddedPostgresLog = { info: () => undefined, warn: () => undefined };
