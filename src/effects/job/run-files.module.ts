import { Global, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { redactorOf, secretsOf } from '../../config/secrets.js';
import { AGENT_RUNNER, type AgentRunner } from '../../integrations/agent-runner.js';
import { RUN_FILES, type RunFiles } from '../../kernel/pipeline/run-files.js';
import { RunFolders } from './run-files.js';

/** What runs have written, for the doors. */
@Global()
@Module({
  providers: [{ provide: RUN_FILES, inject: [CONFIG, AGENT_RUNNER], useFactory: runFilesOf }],
  exports: [RUN_FILES],
})
export class RunFilesModule {}

function runFilesOf(config: Config, runner: AgentRunner): RunFiles {
  const redacted = redactorOf([...secretsOf(config), ...runner.credentials]);
  return new RunFolders(runner, { dataDir: config.dataDir, redacted });
}
