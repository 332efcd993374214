import { Logger } from '@nestjs/common';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AgentSettings } from '../../../config/config.js';
import { ConfigurationInvalid } from '../../../config/configuration-invalid.js';
import type { ProcessSpec } from '../../agent-runner.js';
import { enclosed } from './enclosed.js';
import { type House, type Room, mountsOf } from './room.js';

/** Turns the description of a process into that of the same process inside its walls. */
export type Enclosure = (spec: ProcessSpec, room: Room) => Promise<ProcessSpec>;

const PROBE_MS_MAX = 10_000;
const run = promisify(execFile);

/** Tried once, at the start, so that a machine where it cannot work is noticed before the first run. Null: agents run without. */
export async function enclosureFor(wanted: AgentSettings['sandbox'], house: House): Promise<Enclosure | null> {
  const logger = new Logger('agents');
  const obstacle = wanted === 'none' ? 'ORCH_AGENT_SANDBOX is none' : await obstacleTo(house);
  if (obstacle === null) {
    logger.log('Agents run under bubblewrap: the machine is read-only for them and they see no other process');
    return async (spec, room) => enclosed(withCaches(spec, room), await mountsOf(house, room));
  }
  if (wanted === 'bwrap') throw refused(obstacle);
  const sentence = `Agents run without a sandbox, with all that this user can read and write: ${obstacle}`;
  if (wanted === 'none') logger.log(sentence);
  else logger.warn(`${sentence}; install bubblewrap or run this service where user namespaces are allowed`);
  return null;
}

/** Why it does not work here; null when it does. Exactly what a run needs is tried, the mounts included. */
export async function obstacleTo(house: House): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-probe-'));
  try {
    const room = { worktree: folder, branch: 'none', readable: [], writable: [], temporaryDirectory: folder };
    const { command, args, cwd } = enclosed(TRIVIAL(folder), await mountsOf(house, room));
    await run(command, [...args], { cwd, env: { PATH: process.env['PATH'] }, timeout: PROBE_MS_MAX });
    return null;
  } catch (error) {
    return wordsOf(error as Error & { readonly stderr?: string });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const TRIVIAL = (cwd: string): ProcessSpec => ({
  ...{ command: 'true', args: [], cwd, env: {} },
  ...{ timeoutMs: 0, silenceMs: 0, killGraceMs: 0, lingerMs: 0 },
});

/** The home folder is read-only inside; what tools would cache there goes where the run may write. */
function withCaches(spec: ProcessSpec, room: Room): ProcessSpec {
  const cache = join(room.temporaryDirectory, 'cache');
  return { ...spec, env: { XDG_CACHE_HOME: cache, npm_config_cache: join(cache, 'npm'), ...spec.env } };
}

function wordsOf(error: Error & { readonly stderr?: string }): string {
  const said = error.stderr?.trim().split('\n').at(-1) ?? '';
  return said === '' ? error.message : said;
}

function refused(obstacle: string): ConfigurationInvalid {
  const allowed = `auto or none, because bubblewrap does not work here (${obstacle})`;
  return new ConfigurationInvalid([{ where: 'ORCH_AGENT_SANDBOX', given: '"bwrap"', allowed }]);
}
