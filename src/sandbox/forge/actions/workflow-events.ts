import { accountByLogin, type ForgeDesk } from '../desk.js';
import { emit } from '../events.js';
import { repositoryBody, userBody, webUrl, type Json } from '../render.js';
import { forgeTime, type CiRun, type Repository } from '../state.js';

/** How far a run has come. */
export interface RunProgress {
  readonly action: 'in_progress' | 'completed';
  /** Absent while it runs. */
  readonly conclusion?: 'success' | 'failure';
  readonly startedAt: string;
}

const PUSHER = 'delivery-bot';
const UNSET = '1970-01-01T00:00:00Z';

/** The run and its only job, each with an event of its own, as Gitea sends them since 1.25 and 1.24. */
export function announceWorkflow(desk: ForgeDesk, repository: Repository, run: CiRun, progress: RunProgress): void {
  const { action } = progress;
  const around = {
    repository: repositoryBody(desk, repository, 'admin'),
    sender: userBody(desk, accountByLogin(desk, PUSHER), 'public'),
  };
  const job = { action, workflow_job: jobBody(desk, repository, run, progress), ...around };
  emit(desk, repository, ['workflow_job', 'workflow_job'], job);
  const body = {
    action,
    workflow: workflowBody(desk, repository),
    workflow_run: runBody(desk, repository, run, progress),
  };
  emit(desk, repository, ['workflow_run', 'workflow_run'], { ...body, ...around });
}

function runBody(desk: ForgeDesk, repository: Repository, run: CiRun, progress: RunProgress): Json {
  const actor = userBody(desk, accountByLogin(desk, PUSHER), 'public');
  return {
    ...{ id: run.id, html_url: `${webUrl(desk, repository)}/actions/runs/${run.id}`, display_title: 'CI' },
    ...{ path: 'ci.yaml@refs/heads/any', event: 'push', run_attempt: 0, run_number: run.id, repository_id: 0 },
    ...{ head_sha: run.sha, status: progress.action, actor, trigger_actor: actor, ...endOf(progress) },
  };
}

function jobBody(desk: ForgeDesk, repository: Repository, run: CiRun, progress: RunProgress): Json {
  const runUrl = `${webUrl(desk, repository)}/actions/runs/${run.id}`;
  return {
    ...{ id: run.id, html_url: `${runUrl}/jobs/${run.id}`, run_id: run.id, run_url: runUrl, name: 'test' },
    ...{ labels: ['ubuntu-latest'], run_attempt: 1, head_sha: run.sha, status: progress.action },
    ...{ runner_id: 1, runner_name: 'sandbox', steps: [], created_at: progress.startedAt, ...endOf(progress) },
  };
}

function endOf({ conclusion, startedAt }: RunProgress): Json {
  if (conclusion === undefined) return { started_at: startedAt, completed_at: UNSET };
  return { conclusion, started_at: startedAt, completed_at: forgeTime() };
}

function workflowBody(desk: ForgeDesk, repository: Repository): Json {
  const path = '.gitea/workflows/ci.yaml';
  const htmlUrl = `${webUrl(desk, repository)}/src/branch/${repository.defaultBranch}/${path}`;
  return { id: 'ci.yaml', name: 'CI', path, state: 'active', html_url: htmlUrl, deleted_at: '0001-01-01T00:00:00Z' };
}
