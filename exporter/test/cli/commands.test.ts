import { type Command } from 'commander';
import { createProgram } from '../../src/main.js';
import { runCli } from './run-cli.js';

/** All commands, including subcommands. */
function leaves(command: Command, path: string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[path.join(' '), command]];
  return command.commands.flatMap((sub) => leaves(sub, [...path, sub.name()]));
}

describe('the command line', () => {
  it('has the commands of the documentation', () => {
    expect(leaves(createProgram()).map(([path]) => path)).toEqual(
      expect.arrayContaining([
        'serve',
        'migrate',
        'seed',
        'demo',
        'token',
        'tenant set',
        'agent delete',
        'agent restore',
        'import access-log',
        'import events',
        'import postgres',
        'rollup',
      ]),
    );
  });

  it.each(
    leaves(createProgram())
      .filter(([path]) => !['serve', 'migrate'].includes(path))
      .map(([path]) => path),
  )('explains %s with an example', async (path) => {
    const { stdout, exitCode } = await runCli([...path.split(' '), '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples?:\\n[^]*agentidp-analytics ${path}`));
  });

  it('prints one line that names an invalid setting', async () => {
    const { stderr, exitCode } = await runCli(['seed'], { RETENTION_DAYS: 'many' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^agentidp-analytics: RETENTION_DAYS: [^\n]+\n$/);
  });

  it('rejects an unknown command', async () => {
    const { stderr, exitCode } = await runCli(['importt']);
    expect([stderr, exitCode]).toEqual([expect.stringContaining("unknown command 'importt'"), 1]);
  });
});
