import { stringify } from 'yaml';
import { ReportDeployLogPublished } from '../../domain/deploy/commands.js';
import type { DeployFinished } from '../../domain/deploy/events.js';
import { assert } from '../../kernel/assert.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import type { Work } from '../../projections/work.js';
import type { Effect, Outcome } from '../effect.js';
import type { ProjectCommands } from '../task/project-commands.js';

/** Writes the verdict of a hook as the stage's artifact, on the feature branch, in the words the gate reads (ART-14, ART-15). */
export class DeployLogs implements Effect<DeployFinished> {
  readonly intent = 'DeployFinished';
  readonly effectClass = 'conditional';

  constructor(
    private readonly work: Work,
    private readonly worktrees: Worktrees,
    private readonly project: ProjectCommands,
  ) {}

  lane({ stream }: RecordedEvent<DeployFinished>): string {
    return `hook ${stream}`;
  }

  async act({ stream, data }: RecordedEvent<DeployFinished>, outcome: Outcome): Promise<void> {
    const deploy = await this.work.deploy(data.deployId);
    const task = deploy && (await this.work.task(deploy.task_id));
    assert(deploy && task, `deploy ${data.deployId} and its task are in the read models`);
    const file = data.environment === 'staging' ? '15-staging-log.md' : '14-deploy-log.md';
    const path = `docs/work-items/${task.work_item_id}/${file}`;
    const text = deployLog(data, task.work_item_id, this.project.of(task.repo)?.staging.healthUrl ?? '');
    const key = { repo: task.repo, workItem: task.work_item_id, branch: task.branch };
    await this.worktrees.prepare(key);
    const message = `${task.work_item_id}: ${data.environment} — ${data.verdict}`;
    const { head, codeTree, artifacts } = await this.worktrees.publishFiles(key, { [path]: text }, message);
    await outcome.report(ReportDeployLogPublished, stream, { commit: { head, codeTree }, artifacts });
  }
}

/** Frontmatter for the gate, the rest for people. The deploy id makes every log a different file. */
export function deployLog(data: DeployFinished['data'], workItem: string, baseUrl: string): string {
  const head = data.environment === 'staging' ? stagingHead(data, baseUrl) : productionHead(data, workItem);
  const checks = data.checks.map(
    ({ block, check, kind, ok, detail }) => `| ${block} | ${check} | ${kind} | ${ok ? 'pass' : 'FAIL'} | ${detail} |`,
  );
  const waived = data.waived.length > 0 ? [`INFRA-WAIVED: ${data.waived.join(', ')}`, ''] : [];
  const table =
    checks.length > 0 ? ['| Block | Check | Kind | Result | Detail |', '|---|---|---|---|---|', ...checks, ''] : [];
  const title = data.environment === 'staging' ? 'Staging' : 'Production';
  return [
    '---',
    stringify(head).trimEnd(),
    '---',
    '',
    `# ${title} deploy ${data.deployId}`,
    '',
    data.reason,
    '',
    ...waived,
    ...table,
  ].join('\n');
}

function stagingHead(data: DeployFinished['data'], baseUrl: string): object {
  return { staging_status: data.verdict, timestamp: data.endedAt, base_url: baseUrl, deploy_id: data.deployId };
}

function productionHead(data: DeployFinished['data'], workItem: string): object {
  return {
    deploy_status: data.verdict,
    work_item: workItem,
    hook_exit_code: data.exitCode,
    deployed_by: 'deploy-finalizer',
    deploy_id: data.deployId,
  };
}
