import os from 'node:os';

/** Size of the machine and versions, in one line. */
export function describeMachine(postgresVersion: string): string {
  const memory = Math.round(os.totalmem() / 1024 ** 3);
  return [
    `${os.availableParallelism()} cores`,
    `${memory} GB`,
    `${os.type()} ${os.arch()}`,
    `Node ${process.versions.node}`,
    `PostgreSQL ${postgresVersion} (embedded)`,
  ].join(', ');
}
