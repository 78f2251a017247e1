/** The part of a pino logger that is used in db/. */
export interface DatabaseLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const silentLog: DatabaseLog = { info: () => undefined, warn: () => undefined };
