import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What one run is about: the environment that every agent gets, and what the brief file says. */
export interface Assignment {
  readonly workItem: string;
  readonly role: string;
  readonly stage: string;
  readonly branch: string;
  readonly runId: string;
  /** From 1, per job. */
  readonly attempt: number;
  readonly artifactsDir: string;
  readonly title: string;
  readonly brief: string;
}

export function readAssignment(env: NodeJS.ProcessEnv): Assignment {
  const given = (name: string, otherwise = '') => env[name] ?? otherwise;
  const workItem = given('ORCH_WORK_ITEM', 'WI-000');
  const brief = readOrEmpty(env['ORCH_TASK_FILE']);
  return {
    ...{ workItem, role: given('ORCH_ROLE'), stage: given('ORCH_STAGE'), branch: given('ORCH_BRANCH') },
    runId: given('ORCH_RUN_ID'),
    attempt: Number(given('ORCH_ATTEMPT', '1')),
    artifactsDir: given('ORCH_ARTIFACTS_DIR', join('docs', 'work-items', workItem)),
    ...{ title: titleOf(brief) ?? workItem, brief },
  };
}

/**
 * The first line of text under a heading that says Title, or `Title: …` on one line; otherwise the first heading. Somebody else
 * writes the brief, so its form is not taken for granted.
 */
function titleOf(brief: string): string | null {
  const under = /^#+\s*(?:\w+\s+)?title\s*\n+(?:[`~]{3,}.*\n)?\s*(\S.*)$/im.exec(brief)?.[1];
  if (under) return plain(under);
  const inline = /^[>\s*_#-]*title[*_]*\s*:[*_]*\s*(\S.*)$/im.exec(brief)?.[1];
  if (inline) return plain(inline);
  const heading = /^#+\s*(\S.*)$/m.exec(brief)?.[1];
  return heading ? plain(heading) : null;
}

/** Without the marks around it, where it has them on both sides. */
function plain(text: string): string {
  return text.trim().replace(/^(["'`]|\*\*|__)(.*)\1$/, '$2');
}

function readOrEmpty(file: string | undefined): string {
  if (file === undefined || file === '') return '';
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
