import { createHash } from 'node:crypto';
import type { CommitFacts, Person } from './git/bare-repository.js';
import type { ForgeDesk } from './desk.js';
import type { CommitStatus, ForgeAccount, Hook, Pull, Repository, Review } from './state.js';

export type Json = Record<string, unknown>;

const NEVER = '0001-01-01T00:00:00Z';

/** Webhooks show placeholder addresses and `active: false`; an account sees itself as it is. */
export function userBody(desk: ForgeDesk, account: ForgeAccount, view: 'own' | 'public'): Json {
  const host = new URL(desk.baseUrl).hostname;
  const email = view === 'own' ? account.email : `${account.id}+${account.login}@noreply.${host}`;
  return anyUser(desk, {
    id: account.id,
    login: account.login,
    fullName: account.fullName,
    email,
    active: view === 'own',
  });
}

/** Who the forge's own runner reports as. */
export function actionsUserBody(desk: ForgeDesk): Json {
  const email = `-2+gitea-actions@noreply.${new URL(desk.baseUrl).hostname}`;
  return anyUser(desk, { id: -2, login: 'gitea-actions', fullName: 'Gitea Actions', email, active: false });
}

function anyUser(
  desk: ForgeDesk,
  user: { id: number; login: string; fullName: string; email: string; active: boolean; description?: string },
): Json {
  const avatar = createHash('md5').update(user.login).digest('hex');
  return {
    ...{ id: user.id, login: user.login, login_name: '', source_id: 0, full_name: user.fullName, email: user.email },
    ...{ avatar_url: `${desk.baseUrl}/avatars/${avatar}`, html_url: `${desk.baseUrl}/${user.login}`, language: '' },
    ...{ is_admin: false, last_login: NEVER, created: '2026-01-10T08:00:00Z', restricted: false, active: user.active },
    ...{ prohibit_login: false, location: '', website: '', description: user.description ?? '', visibility: 'public' },
    ...{ followers_count: 0, following_count: 0, starred_repos_count: 0, username: user.login },
  };
}

const PERMISSIONS = {
  admin: { admin: true, push: true, pull: true },
  write: { admin: false, push: true, pull: true },
  none: { admin: false, push: false, pull: false },
};

export function repositoryBody(desk: ForgeDesk, repository: Repository, access: keyof typeof PERMISSIONS): Json {
  const { owner: login } = desk.state.value;
  const owner = anyUser(desk, { id: 5, login, fullName: 'Sandbox', email: '', active: false });
  const fullName = `${login}/${repository.name}`;
  const html = `${desk.baseUrl}/${fullName}`;
  const url = `${desk.baseUrl}/api/v1/repos/${fullName}`;
  const open = repository.pulls.filter(({ state }) => state === 'open').length;
  return {
    ...{ id: repository.id, owner, name: repository.name, full_name: fullName, description: '', empty: false },
    ...{ private: true, fork: false, template: false, mirror: false, size: 24, language: 'JavaScript' },
    ...{ languages_url: `${url}/languages`, html_url: html, url, link: '', ssh_url: `git@127.0.0.1:${fullName}.git` },
    ...{ clone_url: `${html}.git`, original_url: '', website: '', stars_count: 0, forks_count: 0, watchers_count: 1 },
    ...{ branch_count: Object.keys(repository.refs).length, open_issues_count: 0, open_pr_counter: open },
    ...{ release_counter: 0, default_branch: repository.defaultBranch, archived: false },
    ...{ created_at: repository.createdAt, updated_at: repository.createdAt, archived_at: '1970-01-01T00:00:00Z' },
    ...{
      permissions: PERMISSIONS[access],
      has_code: true,
      has_issues: true,
      internal_tracker: TRACKER,
      has_wiki: false,
    },
    ...FEATURES,
  };
}

const TRACKER = {
  enable_time_tracker: true,
  allow_only_contributors_to_track_time: true,
  enable_issue_dependencies: true,
};

const FEATURES = {
  ...{ has_pull_requests: true, has_projects: true, projects_mode: 'all', has_releases: true, has_packages: false },
  ...{ has_actions: true, ignore_whitespace_conflicts: false, allow_merge_commits: true, allow_rebase: true },
  ...{ allow_rebase_explicit: true, allow_squash_merge: true, allow_fast_forward_only_merge: true },
  ...{ allow_rebase_update: true, allow_manual_merge: false, autodetect_manual_merge: false },
  ...{ default_delete_branch_after_merge: false, default_merge_style: 'merge', default_allow_maintainer_edit: false },
  ...{ avatar_url: '', internal: false, mirror_interval: '', object_format_name: 'sha1', mirror_updated: NEVER },
  ...{ topics: [], licenses: [] },
};

/** A commit as pushes and statuses carry it; `verification` is null there and filled in branches. */
export function commitBody(desk: ForgeDesk, repository: Repository, commit: CommitFacts): Json {
  return {
    ...{ id: commit.id, message: commit.message, url: `${webUrl(desk, repository)}/commit/${commit.id}` },
    ...{ author: personBody(desk, commit.author), committer: personBody(desk, commit.committer) },
    ...{ verification: null, timestamp: commit.timestamp },
    ...{ added: commit.added, removed: commit.removed, modified: commit.modified },
  };
}

export function branchBody(desk: ForgeDesk, repository: Repository, name: string, commit: CommitFacts): Json {
  const { statusContexts, requiredApprovals } = repository.protection;
  const isProtected = name === repository.defaultBranch && (statusContexts.length > 0 || requiredApprovals > 0);
  const reason = 'gpg.error.not_signed_commit';
  const verification = { verified: false, reason, signature: '', signer: null, payload: '' };
  const bare = { ...commitBody(desk, repository, commit), verification, added: null, removed: null, modified: null };
  return {
    ...{ name, commit: bare, protected: isProtected, required_approvals: isProtected ? requiredApprovals : 0 },
    ...{ enable_status_check: isProtected && statusContexts.length > 0 },
    ...{ status_check_contexts: isProtected ? statusContexts : [], user_can_push: true, user_can_merge: true },
    effective_branch_protection_name: '',
  };
}

/** In a status of a list the key is `status`; in the webhook and in the envelope it is `state`. */
export function statusBody(desk: ForgeDesk, repository: Repository, status: CommitStatus): Json {
  const creator = desk.state.value.accounts.find(({ login }) => login === status.creator);
  const url = `${apiUrl(desk, repository)}/statuses/${status.sha}`;
  return {
    ...{ id: status.index, status: status.state, target_url: status.targetUrl, description: status.description, url },
    ...{ context: status.context, creator: creator ? userBody(desk, creator, 'public') : null },
    ...{ created_at: status.at, updated_at: status.at },
  };
}

export function reviewBody(desk: ForgeDesk, repository: Repository, pull: Pull, review: Review): Json {
  const author = desk.state.value.accounts.find(({ login }) => login === review.author);
  const html = `${webUrl(desk, repository)}/pulls/${pull.number}`;
  return {
    ...{ id: review.id, user: author ? userBody(desk, author, 'public') : null, team: null, state: review.state },
    ...{ body: review.body, commit_id: review.commit, stale: review.commit !== pull.headSha, official: true },
    ...{ dismissed: review.dismissed, comments_count: 0, submitted_at: review.submittedAt },
    ...{ updated_at: review.submittedAt, html_url: `${html}#issuecomment-${review.id + 600}`, pull_request_url: html },
  };
}

/** The secret is never shown again. */
export function hookBody(hook: Hook): Json {
  const config = { content_type: 'json', url: hook.url };
  const times = { updated_at: hook.at, created_at: hook.at };
  const { id, events, active } = hook;
  return { id, type: 'gitea', branch_filter: '*', config, events, authorization_header: '', active, ...times };
}

export function webUrl(desk: ForgeDesk, repository: Repository): string {
  return `${desk.baseUrl}/${desk.state.value.owner}/${repository.name}`;
}

export function apiUrl(desk: ForgeDesk, repository: Repository): string {
  return `${desk.baseUrl}/api/v1/repos/${desk.state.value.owner}/${repository.name}`;
}

function personBody(desk: ForgeDesk, person: Person): Json {
  const username = desk.state.value.accounts.find(({ email }) => email === person.email)?.login ?? '';
  return { name: person.name, email: person.email, username };
}
