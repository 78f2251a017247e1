/** The part of a pino logger that this package uses. */
export interface EmbeddedPostgresLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const silentLog: EmbeddedPostgresLog = { info: () => undefined, warn: () => undefined };
