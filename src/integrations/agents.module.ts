import { Global, Module } from '@nestjs/common';
import { homedir } from 'node:os';
import { quote } from 'shell-quote';
import { CONFIG, type Config } from '../config/config.js';
import type { Role } from '../kernel/pipeline/stage.js';
import { AGENT_RUNNER, type AgentRunner } from './agent-runner.js';
import { ClaudeRunner } from './claude/claude-runner.js';
import { enclosureFor } from './claude/enclosure/bubblewrap.js';
import type { House } from './claude/enclosure/room.js';
import { WORKTREES, type Worktrees } from './worktrees.js';

/** Which program plays the roles. */
@Global()
@Module({
  providers: [{ provide: AGENT_RUNNER, inject: [CONFIG, WORKTREES], useFactory: agentRunnerOf }],
  exports: [AGENT_RUNNER],
})
export class AgentsModule {}

async function agentRunnerOf(config: Config, worktrees: Worktrees): Promise<AgentRunner> {
  const { agent } = config;
  return new ClaudeRunner({
    command: quote([...agent.command]),
    timeoutMsOf: (role) => (agent.timeoutOverridesS[role as Role] ?? agent.timeoutS) * 1000,
    silenceMs: agent.silenceS * 1000,
    killGraceMs: agent.killGraceS * 1000,
    lingerMs: agent.lingerS * 1000,
    fileOnDefaultBranch: (repo, path) => worktrees.fileOnDefaultBranch(repo, path),
    email: 'agents@localhost',
    enclosure: await enclosureFor(agent.sandbox, houseOf(config)),
  });
}

/** Everything that is the service's own; a run is given its part of it back. */
export function houseOf(config: Config): House {
  const { dataDir, reposDir, worktreesDir, eventLog, readModels, settingsFiles, agent } = config;
  const files = [eventLog.path, readModels.path].flatMap((path) => [path, `${path}-wal`, `${path}-shm`]);
  return {
    secret: [dataDir, reposDir, worktreesDir, ...files, ...settingsFiles],
    command: agent.command,
    home: homedir(),
  };
}
