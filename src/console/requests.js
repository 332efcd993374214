import { ask } from './api.js';
import { element } from './page.js';

const ASKED = `query ($workItem: String!, $since: String) {
  events(type: ["ConfirmationRequested"], workItem: $workItem, since: $since, first: 200) { edges { node { data } } }
}`;

/** What each open request for Confirm Deploy is bound to. A request never changes, so each is read once. */
export class Requests {
  #read = new Map();

  async addTo(tasks) {
    const open = tasks.filter(({ confirmationRequestedAt }) => confirmationRequestedAt);
    const keys = new Set(open.map(keyOf));
    for (const key of this.#read.keys()) if (!keys.has(key)) this.#read.delete(key);
    for (const task of open) task.request = this.#read.get(keyOf(task)) ?? (await this.#load(task));
  }

  async #load(task) {
    const { workItem, confirmationRequestedAt: since } = task;
    const { events } = await ask(ASKED, { workItem, since });
    const request = events.edges.at(-1)?.node.data ?? null;
    if (request) this.#read.set(keyOf(task), request);
    return request;
  }
}

function keyOf({ workItem, confirmationRequestedAt }) {
  return `${workItem} ${confirmationRequestedAt}`;
}

/** Exactly what a confirmation would deploy: revisions by their beginnings, whole ones under the pointer and in the list. */
export function requestFacts({ commit, stagedTree, base, pullRequest, verdicts }) {
  const passed = verdicts.filter(({ answer }) => answer === 'passed').length;
  const facts = [
    ['commit', commit.head],
    ['staged code', stagedTree],
    ['on main at', base],
  ].filter(([, revision]) => revision);
  const rows = facts.map(([name, revision]) => row(name, element('code', { title: revision }, revision.slice(0, 8))));
  if (pullRequest) rows.push(row('pull request', String(pullRequest)));
  const gates = verdicts.map(({ gate, answer, reason }) => element('li', {}, `${gate} ${answer}: ${reason}`));
  const summary = element('summary', {}, `${passed} of ${verdicts.length} gates passed`);
  return [
    element('dl', { class: 'request', 'aria-label': 'What will be deployed' }, ...rows),
    element('details', { class: 'small' }, summary, element('ul', {}, ...gates)),
  ];
}

function row(name, value) {
  return element('div', {}, element('dt', {}, name), element('dd', {}, value));
}
