import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The files of a work item. Each says which version it is, and so every run can tell how often its role was here before. */
export class Artifacts {
  constructor(readonly directory: string) {}

  /** 0 where it was never written. The orchestrator takes an old verdict out of the worktree; the branch still has it. */
  versionOf(name: string): number {
    const text = this.read(name) ?? this.committed(name);
    return text === null ? 0 : Number(/^version: *(\d+)$/im.exec(text)?.[1] ?? 1);
  }

  read(name: string): string | null {
    try {
      return readFileSync(join(this.directory, name), 'utf8');
    } catch {
      return null;
    }
  }

  private committed(name: string): string | null {
    const asked = spawnSync('git', ['show', `HEAD:./${name}`], { cwd: this.directory, encoding: 'utf8' });
    return asked.status === 0 ? asked.stdout : null;
  }

  write(name: string, text: string): string {
    const file = join(this.directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }
}

export function frontmatter(values: Readonly<Record<string, string | number>>, body: string): string {
  const lines = Object.entries(values).map(([key, value]) => `${key}: ${value}`);
  return `---\n${lines.join('\n')}\n---\n\n${body}\n`;
}
