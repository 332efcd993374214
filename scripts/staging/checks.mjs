import { randomUUID } from 'node:crypto';
import { expectStatus, NotSo } from './outside.mjs';

/** What the checks of block C leave for one another and for the clean-up. */
export class Traces {
  title = `Staging check ${randomUUID()}`;
  itemId = null;
  /** Status and account of the start, for the webhook. */
  start = null;
  task = null;
}

/** The ten checks (ST-03), in the order in which they are done. A check answers with its detail or throws. */
export const CHECKS = [
  ['A1 /health', 'SMOKE', 'REAL', health],
  ['A2 /queue', 'SMOKE', 'REAL', queue],
  ['A3 ORCH_STAGING', 'SMOKE', 'REAL', isStaging],
  ['B4 Plane sandbox', 'ACCESS', 'REAL', planeSandbox],
  ['B5 Gitea sandbox', 'ACCESS', 'REAL', giteaSandbox],
  ['B6 registry isolation', 'ACCESS', 'REAL', isolation],
  ['C7 create issue', 'E2E', 'REAL', createIssue],
  ['C8 webhook', 'E2E', 'REAL', webhook],
  // The branch is cut after the analyst's job was claimed, so the job comes first.
  ['C9b analyst job', 'E2E', 'SANDBOX_INFRA', analystJob],
  ['C9a branch', 'E2E', 'SANDBOX_INFRA', branch],
];

async function health({ outside }) {
  const body = expectStatus(await outside.service('/health'), [200], 'GET /health');
  if (body?.status !== 'ok') throw new NotSo('GET /health does not say that the service is ok');
  return `version ${body.version}`;
}

async function queue({ outside }) {
  const body = expectStatus(await outside.service('/queue'), [200], 'GET /queue');
  if (typeof body?.counts !== 'object') throw new NotSo('GET /queue shows no counts');
  return `position ${body.position}`;
}

/** Of the environment that this runs in: inside the container that is the one of the service (ST-02). */
function isStaging({ settings }) {
  if (settings.get('ORCH_STAGING') !== 'true') throw new NotSo('ORCH_STAGING is not true: this is no staging');
  return 'true';
}

async function planeSandbox({ outside, settings }) {
  await statusNamed(outside, settings.get('STAGING_START_STATUS'), 'ORCH_PLANE_API_TOKEN');
  return 'the statuses of the project can be read with the token of the service';
}

async function giteaSandbox({ outside }) {
  const body = expectStatus(await outside.forge(''), [200], 'the sandbox repository in Gitea');
  if (body?.permissions?.push !== true)
    throw new NotSo('the account of the service may not push to the sandbox repository');
  return 'the account of the service may push';
}

/** PRJ-03: nothing but the sandbox, so that nobody has to keep a list of what production has. */
async function isolation({ outside, settings }) {
  const { repos } = await outside.graphql('{ repos { name } }');
  const [names, own] = [repos.map(({ name }) => name), settings.get('STAGING_REPO')];
  if (!names.includes(own)) throw new NotSo(`the service does not know the sandbox repository ${own}`);
  const others = names.filter((name) => name !== own);
  if (others.length > 0) throw new NotSo(`staging knows repositories that are not the sandbox: ${others.join(', ')}`);
  return `only ${own}`;
}

async function createIssue({ outside, settings, traces }) {
  const [own, person] = await Promise.all([me(outside, 'ORCH_PLANE_API_TOKEN'), me(outside, 'STAGING_PERSON_TOKEN')]);
  if (own === person)
    throw new NotSo('STAGING_PERSON_TOKEN is of the account of the service, whose acts start nothing');
  const status = await statusNamed(outside, settings.get('STAGING_START_STATUS'), 'STAGING_PERSON_TOKEN');
  const created = await outside.plane('work-items/', { method: 'POST', send: { name: traces.title } });
  const item = expectStatus(created, [201], 'to create an issue in Plane');
  traces.itemId = item.id;
  traces.start = { from: item.state, to: status, person };
  return `issue number ${item.sequence_id}`;
}

/** The issue is moved as a person moves it; the webhook is ours, because staging need not be known to Plane. */
async function webhook({ outside, settings, traces }) {
  const { itemId, start } = traces;
  if (start === null) throw new NotSo('there is no issue to start');
  const move = { method: 'PATCH', send: { state: start.to } };
  const item = expectStatus(await outside.plane(`work-items/${itemId}/`, move), [200], 'to start the issue in Plane');
  const answer = await outside.webhook({
    ...{ event: 'issue', action: 'updated', webhook_id: randomUUID() },
    data: { id: itemId, project: settings.get('STAGING_PLANE_PROJECT'), updated_at: item?.updated_at },
    activity: { field: 'state', old_value: start.from, new_value: start.to, actor: { id: start.person } },
  });
  expectStatus(answer, [202], 'POST /webhook/plane, signed');
  return 'accepted';
}

async function analystJob({ outside, settings, traces }) {
  if (traces.start === null) throw new NotSo('there is no issue to start');
  const jobOf = (task) => task.jobs.find(({ agent }) => agent === 'analyst');
  traces.task = await outside.awaited(async () => {
    const task = await taskTitled({ outside, settings }, traces.title);
    return task && jobOf(task) ? task : null;
  }, 'no job of an analyst was enqueued');
  return `job ${jobOf(traces.task).id} of ${traces.task.workItem}`;
}

async function branch({ outside, traces }) {
  if (traces.task === null) throw new NotSo('there is no task, so there is no branch');
  const path = `/branches/${encodeURIComponent(traces.task.branch)}`;
  await outside.awaited(async () => {
    const { status } = await outside.forge(path);
    return status === 200;
  }, `the branch ${traces.task.branch} did not appear in Gitea`);
  return traces.task.branch;
}

/** Among those that go on: earlier checks have left only ended ones. */
export async function taskTitled({ outside, settings }, title) {
  const query = `query ($repo: String) {
    tasks(repo: $repo, active: true, first: 50) { edges { node { workItem title branch jobs { id agent } } } }
  }`;
  const { tasks } = await outside.graphql(query, { repo: settings.get('STAGING_REPO') });
  return tasks.edges.map(({ node }) => node).find((task) => task.title === title) ?? null;
}

async function me(outside, as) {
  return expectStatus(await outside.planeAt('/users/me/', { as }), [200], `the account of ${as} in Plane`)?.id;
}

async function statusNamed(outside, name, as) {
  const body = expectStatus(
    await outside.plane('states/', { as }),
    [200],
    'the statuses of the sandbox project in Plane',
  );
  const found = (body?.results ?? body ?? []).find((status) => status.name === name);
  if (!found) throw new NotSo(`the sandbox project in Plane has no status "${name}"`);
  return found.id;
}
