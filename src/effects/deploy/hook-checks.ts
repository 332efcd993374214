import type { HookCheck } from '../../domain/deploy/events.js';

/** The JSON lines `{"check","block","kind","ok","detail"}` among a hook's output; every other line is for people. */
export function readHookChecks(output: string): readonly HookCheck[] {
  return output.split('\n').flatMap((line) => {
    const check = parsed(line);
    return check ? [check] : [];
  });
}

function parsed(line: string): HookCheck | null {
  if (!line.startsWith('{')) return null;
  try {
    return asCheck(JSON.parse(line) as Record<string, unknown>);
  } catch {
    return null;
  }
}

/** Without a known kind a check is REAL: what is not declared tolerable is not tolerated (ST-08). */
function asCheck(value: Record<string, unknown>): HookCheck | null {
  if (typeof value['check'] !== 'string' || typeof value['ok'] !== 'boolean') return null;
  return {
    check: value['check'],
    block: typeof value['block'] === 'string' ? value['block'] : '',
    kind: value['kind'] === 'SANDBOX_INFRA' ? 'SANDBOX_INFRA' : 'REAL',
    ok: value['ok'],
    detail: typeof value['detail'] === 'string' ? value['detail'] : '',
  };
}
