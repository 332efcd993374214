import type { Project } from '../../config/projects.js';
import type { Forge, ForgeAccess } from '../../integrations/forge.js';
import type { Tracker } from '../../integrations/tracker.js';
import { STATUS_KEYS } from '../../kernel/pipeline/stage.js';
import { nameOf, statusIdOf } from '../inbox/statuses.js';
import { missing, note, ok, type Finding } from './finding.js';

/** Nothing ever asks for them. */
const UNUSED: ReadonlySet<string> = new Set(['backlog', 'todo']);

export async function trackerAccount(tracker: Tracker): Promise<readonly Finding[]> {
  return [ok('tracker', `the token belongs to the account ${await tracker.ownAccountId()}`)];
}

/** PS-03: a status that a project lacks makes its gesture unavailable. */
export async function trackerProject(tracker: Tracker, project: Project, since: string): Promise<readonly Finding[]> {
  const about = `tracker ${project.prefix}`;
  const statuses = await tracker.statuses(project.planeProjectId);
  const lacking = STATUS_KEYS.filter((key) => !UNUSED.has(key) && !statusIdOf(statuses, key, project.statusNames))
    .map((key) => nameOf(key, project.statusNames))
    .join(', ');
  await tracker.changedSince(project.planeProjectId, since);
  if (lacking === '') return [ok(about, 'items can be read, and every status is there')];
  return [missing(about, `the project lacks the statuses ${lacking}: add them, or name others in statusNames`)];
}

export async function forgeAccount(forge: Forge): Promise<readonly Finding[]> {
  return [ok('forge', `the token belongs to ${await forge.ownLogin()}`)];
}

export async function forgeRepository(forge: Forge, project: Project): Promise<readonly Finding[]> {
  const { repo, defaultBranch } = project;
  const about = `forge ${repo}`;
  const access = await forge.access(repo);
  if (!access) return [missing(about, 'our account does not see the repository: give it write access')];
  const head = await forge.branchHead(repo, defaultBranch);
  return [
    access.canPush
      ? ok(about, 'our account may write')
      : missing(about, 'our account may only read: give it write access'),
    head === null
      ? missing(about, `the default branch ${defaultBranch} does not exist: set defaultBranch`)
      : ok(about, `the default branch ${defaultBranch} is at ${head.slice(0, 10)}`),
    hookOf(about, access),
  ];
}

const PATH = '/webhook/gitea';
const EVENTS = ['push', 'status', 'pull_request'] as const;

/** Where we are reached from there nobody here knows; by its path our own hook is known. */
function hookOf(about: string, { hooks }: ForgeAccess): Finding {
  if (hooks === null)
    return note(about, 'its webhooks are shown to administrators only: see that one posts to …/webhook/gitea');
  const own = hooks.filter(({ url, active }) => active && pathOf(url) === PATH);
  if (own.length === 0) return missing(about, `no active webhook posts to …${PATH}: add one, with the secret`);
  const told = new Set(own.flatMap(({ events }) => events));
  const untold = EVENTS.filter((event) => !told.has(event));
  if (untold.length === 0) return ok(about, `a webhook tells of ${EVENTS.join(', ')}`);
  return missing(about, `the webhook to …${PATH} does not tell of ${untold.join(', ')}: choose all events`);
}

function pathOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).pathname : null;
}
