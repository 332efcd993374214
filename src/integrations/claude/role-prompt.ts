import { readFile } from 'node:fs/promises';
import { ROLES } from '../../kernel/pipeline/stage.js';
import { assert } from '../../kernel/assert.js';

/** The role's prompt: the project's own where it has one, else the one that comes with the orchestrator. */
export async function rolePrompt(
  role: string,
  fileOfProject: (path: string) => Promise<string | null>,
): Promise<string> {
  assert((ROLES as readonly string[]).includes(role), `${role} is a role that an agent plays`);
  const own = await fileOfProject(`.orchestrator/agents/${role}.md`);
  if (own !== null && own.trim() !== '') return own;
  return readFile(new URL(`./roles/${role}.md`, import.meta.url), 'utf8');
}
