/**
 * PostgreSQL refuses to run as root, and the user that it runs as instead may not be able to enter the folder that root
 * works in: a clone below /root, or one in a private temporary folder. Root can lend it that one right.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';

/** The uid and gid that PostgreSQL runs as. Undefined: those of this process. */
export interface RunAs {
  name: string;
  uid: number;
  gid: number;
  /** Root lends it the right to pass through folders that are closed to it. */
  passesAllFolders?: boolean;
}

const SETPRIV = '/usr/bin/setpriv';

const EXECUTE = { owner: 0o100, group: 0o010, others: 0o001 };

function mayEnter(folder: string, { uid, gid }: RunAs): boolean {
  const { mode, uid: owner, gid: group } = statSync(folder);
  const bit = owner === uid ? EXECUTE.owner : group === gid ? EXECUTE.group : EXECUTE.others;
  return (mode & bit) !== 0;
}

function mayReach(folder: string, user: RunAs): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (!mayEnter(at, user)) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** The user with the right to pass through all folders, where it needs that and root can give it; otherwise as it was. */
export function withReach(user: RunAs, folders: readonly string[]): RunAs {
  if (folders.every((folder) => mayReach(folder, user))) return user;
  const reaching: RunAs = { ...user, passesAllFolders: true };
  const [program, args] = commandAs(reaching, '/bin/true', []);
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0 ? reaching : user;
}

/** A command that runs as the user: by itself for one with that right, otherwise by the caller's uid and gid options. */
export function commandAs(
  user: RunAs | undefined,
  program: string,
  args: readonly string[],
): [string, string[]] {
  if (!user?.passesAllFolders) return [program, [...args]];
  // Reading and passing through folders, nothing else of root's; setpriv becomes the program, so the pid stays.
  const right = '+dac_read_search';
  const lend = [`--inh-caps=${right}`, `--ambient-caps=${right}`];
  return [
    SETPRIV,
    [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', ...lend, '--', program, ...args],
  ];
}

/** The uid and gid options of spawn; setpriv sets them itself. */
export function spawnUser(user: RunAs | undefined): { uid?: number; gid?: number } {
  return user && !user.passesAllFolders ? { uid: user.uid, gid: user.gid } : {};
}
