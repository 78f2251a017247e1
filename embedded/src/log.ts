/** The methods of a logger that are called. A pino logger has them. */
export interface EmbeddedPostgresLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const silentLog: EmbeddedPostgresLog = { info: () => undefined, warn: () => undefined };
