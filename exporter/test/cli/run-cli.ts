/** Runs a command within the test process, with the test's database. */
import { jest } from '@jest/globals';
import { run } from '../../src/main.js';
import { SECRET } from '../support/app.js';

export interface Outcome {
  stdout: string;
  stderr: string;
  exitCode: number;
}

class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

/**
 * @param env settings; only PATH and HOME are inherited
 * @param onOutput called with the whole standard output whenever it grows
 */
export async function runCli(
  args: readonly string[],
  env: Record<string, string> = {},
  onOutput: (stdout: string) => void = () => undefined,
): Promise<Outcome> {
  const surrounding = process.env;
  const outcome: Outcome = { stdout: '', stderr: '', exitCode: 0 };
  const { PATH, HOME } = surrounding;
  process.env = { PATH, HOME, AUTH_JWT_SECRET: SECRET, LOG_LEVEL: 'error', ...env };
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    outcome.stdout += String(text);
    onOutput(outcome.stdout);
    return true;
  });
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    outcome.stderr += String(text);
    return true;
  });
  // Commander throws this for an invalid option.
  const exit = jest.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Exit(Number(code ?? 0));
  });
  const exitCodeBefore = process.exitCode;
  process.exitCode = undefined;
  try {
    await run(['node', 'agentidp-analytics', ...args]);
    outcome.exitCode = Number(process.exitCode ?? 0);
  } finally {
    process.exitCode = exitCodeBefore;
    process.env = surrounding;
    for (const spy of [stdout, stderr, exit]) spy.mockRestore();
  }
  const exited = /agentidp-analytics: exit (\d+)\n$/.exec(outcome.stderr);
  if (exited !== null) {
    outcome.exitCode = Number(exited[1]);
    outcome.stderr = outcome.stderr.slice(0, exited.index);
  }
  return outcome;
}
