import { execa } from 'execa';
import { fileURLToPath } from 'node:url';
import { withoutSettings } from '../support/built/built-orchestrator.js';

export const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Said {
  readonly exitCode: number | undefined;
  readonly lines: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command line in a process and a folder of its own, with these settings and no others. */
export async function orchestrator(cwd: string, args: readonly string[], settings = {}): Promise<Said> {
  const env = { ...withoutSettings(process.env), NO_COLOR: '1', NODE_OPTIONS: '', ...settings };
  const { exitCode, stdout, stderr } = await execa(process.execPath, [CLI, ...args], {
    ...{ cwd, env, extendEnv: false, reject: false, timeout: 15_000 },
  });
  return { exitCode, stdout, stderr, lines: stdout === '' ? [] : stdout.split('\n') };
}
