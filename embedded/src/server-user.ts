/**
 * The operating system user that PostgreSQL runs as. PostgreSQL refuses to run as root, and the user that is used instead
 * may have no access to root's directories, such as a checkout below /root. Root can grant that access.
 */
import { execFileSync, spawnSync, type ExecFileOptions } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { clusterDirectory, isCompleteCluster } from './data-dir.js';
import { EmbeddedPostgresError } from './errors.js';

export interface ServerUser {
  name: string;
  uid: number;
  gid: number;
  /** Whether root grants it the capability to read and search all directories. */
  searchesAllFolders?: boolean;
}

function lookUpUser(name: string): ServerUser | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    return { name, uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/**
 * Root starts PostgreSQL as the owner of the existing cluster, otherwise as `postgres`, otherwise as `nobody`. Returns
 * undefined for the user of this process, which is what all users except root get.
 */
export function chooseUser(dataDir: string): ServerUser | undefined {
  const cluster = clusterDirectory(dataDir);
  const owner = isCompleteCluster(cluster) ? statSync(cluster) : undefined;
  const uid = process.getuid?.();
  if (uid !== 0) {
    if (!owner || owner.uid === uid) return undefined;
    throw new EmbeddedPostgresError(
      `The database in DATA_DIR (${cluster}) belongs to uid ${owner.uid}, not to ${uid}: start as that user, or set DATA_DIR`,
    );
  }
  if (owner?.uid === 0) {
    throw new EmbeddedPostgresError(
      `The database in DATA_DIR (${cluster}) belongs to root, as whom PostgreSQL does not run: chown -R it to postgres or nobody`,
    );
  }
  if (owner) return { name: `uid ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  const user = lookUpUser('postgres') ?? lookUpUser('nobody');
  if (user) return user;
  throw new EmbeddedPostgresError(
    'PostgreSQL does not run as root, and there is no user postgres or nobody: start as another user, or set DATABASE_URL',
  );
}

const EXECUTE = { owner: 0o100, group: 0o010, others: 0o001 };

function maySearch(folder: string, { uid, gid }: ServerUser): boolean {
  const { mode, uid: owner, gid: group } = statSync(folder);
  const bit = owner === uid ? EXECUTE.owner : group === gid ? EXECUTE.group : EXECUTE.others;
  return (mode & bit) !== 0;
}

function canReach(folder: string, user: ServerUser): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (!maySearch(at, user)) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** The user with access to these directories, if it needs the capability and root can grant it; otherwise unchanged. */
export function withAccess(user: ServerUser, folders: readonly string[]): ServerUser {
  if (folders.every((folder) => canReach(folder, user))) return user;
  const granted: ServerUser = { ...user, searchesAllFolders: true };
  const [program, args] = commandAs(granted, '/bin/true', []);
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0 ? granted : user;
}

const SETPRIV = '/usr/bin/setpriv';

/** The command and arguments that run a program as this user. Spawn them with `execOptions`. */
export function commandAs(
  user: ServerUser | undefined,
  program: string,
  args: readonly string[],
): [string, string[]] {
  if (!user?.searchesAllFolders) return [program, [...args]];
  // Only the capability to read and search directories. setpriv executes the program itself, so the pid does not change.
  const capability = '+dac_read_search';
  const grant = [`--inh-caps=${capability}`, `--ambient-caps=${capability}`];
  return [
    SETPRIV,
    [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', ...grant, '--', program, ...args],
  ];
}

/** The user (unless setpriv sets it), an environment without PG* variables, and a directory that every user can access. */
export function execOptions(
  user: ServerUser | undefined,
): Pick<ExecFileOptions, 'uid' | 'gid' | 'env' | 'cwd'> {
  const ids = user && !user.searchesAllFolders ? { uid: user.uid, gid: user.gid } : {};
  const { PATH, TMPDIR } = process.env;
  return { ...ids, env: { PATH, TMPDIR, LC_ALL: 'C', TZ: 'UTC' }, cwd: '/' };
}

export function isPermissionDenied(message: string): boolean {
  return /EACCES|Permission denied/.test(message);
}

export function noAccess(
  dataDir: string,
  user: ServerUser | undefined,
  reason: string,
): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `PostgreSQL runs as ${user?.name ?? 'this user'}, who has no access to DATA_DIR (${dataDir}): ` +
      'set DATA_DIR to a folder that everyone may enter, such as /var/lib/agentidp-analytics, ' +
      `or set DATABASE_URL (${reason})`,
  );
}
