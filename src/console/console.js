import { ask, call, onTaskChanged } from './api.js';
import { Board, CARD, ENDED_STAGES, OPEN_STAGES } from './board.js';
import { Repos } from './operator.js';
import { attempt, byId, momentOf, notice, show } from './page.js';
import { Requests } from './requests.js';
import { Story } from './story.js';
import { showTrouble } from './trouble.js';
import { WATCH } from './watch.js';

const POLL_MS = 1_000;
const PAGE_SIZE = 200;
const ENDED_SHOWN = 20;

const OPEN_TASKS = `${CARD} query ($stages: [String!], $first: Int) {
  tasks(stage: $stages, first: $first) { edges { node { ...Card } } }
  queue { counts { queued running done failed } maxConcurrency leadership hosts position resilience }
  repos {
    name frozen freezeCauses { reason actor since }
    watch { ${WATCH} }
  }
}`;
const ENDED_TASKS = `query ($stages: [String!], $first: Int, $after: String) {
  tasks(stage: $stages, first: $first, after: $after) {
    edges { node { id workItem title stage stageEnteredAt costUsd } } pageInfo { hasNextPage endCursor }
  }
}`;
const ONE_TASK = `${CARD} query ($workItem: String!) { task(workItem: $workItem) { ...Card } }`;

const story = new Story();
const ended = new Map();
const requests = new Requests();
let open = [];
let reachable = true;
let reachedAt = null;
let refreshing = null;

const acts = {
  open: ({ workItem }) => attempt(() => story.open(workItem)),
  gesture: null,
};
const board = new Board(byId('board'), acts);
const repositories = new Repos(byId('repos'));

async function gesture({ workItem }, status) {
  await attempt(() => call('POST', `sandbox/work-items/${encodeURIComponent(workItem)}/status`, { status }));
}

/** One at a time; whoever comes meanwhile waits for the same answer. */
function refresh() {
  refreshing ??= load()
    .then(reached)
    .catch((error) => unreachable(error))
    .finally(() => (refreshing = null));
  return refreshing;
}

async function load() {
  const health = await call('GET', 'health');
  const { tasks, queue, repos } = await ask(OPEN_TASKS, { stages: OPEN_STAGES, first: PAGE_SIZE });
  const now = tasks.edges.map(({ node }) => node);
  await follow(now);
  await requests.addTo(now);
  open = now;
  showFigures(health, queue);
  repositories.draw(repos, acts.gesture && (await call('GET', 'sandbox')).health);
  draw();
  await story.refresh();
}

/** Who is no longer among the open tasks has ended; the list of ended ones is read only once. */
async function follow(now) {
  const still = new Set(now.map(({ workItem }) => workItem));
  for (const { workItem } of open.filter((task) => !still.has(task.workItem))) {
    const { task } = await ask(ONE_TASK, { workItem });
    if (task && ENDED_STAGES.includes(task.stage)) ended.set(task.id, task);
  }
}

async function loadEnded() {
  for (let after = null, more = true; more;) {
    const { tasks } = await ask(ENDED_TASKS, { stages: ENDED_STAGES, first: PAGE_SIZE, after });
    for (const { node } of tasks.edges) ended.set(node.id, node);
    ({ hasNextPage: more, endCursor: after } = tasks.pageInfo);
  }
}

function draw() {
  const byEnd = [...ended.values()].sort((one, other) => (one.stageEnteredAt < other.stageEnteredAt ? 1 : -1));
  for (const task of byEnd.splice(ENDED_SHOWN)) ended.delete(task.id);
  board.draw([...open, ...byEnd]);
  byId('empty').hidden = open.length + byEnd.length > 0;
}

function showFigures(health, queue) {
  show('health', health.status);
  byId('health').dataset.state = health.status === 'ok' ? 'ok' : 'bad';
  show('position', queue.position);
  showLead(queue.leadership);
  show('running', `${queue.counts.running} of ${slotsOf(queue)}`);
  show('queued', String(queue.counts.queued));
  show('failed', String(queue.counts.failed));
  showTrouble(queue.resilience);
}

/** Of all hosts that can be given jobs, as far as this orchestrator knows of them. */
function slotsOf({ hosts, maxConcurrency }) {
  const all = hosts.reduce((sum, { slots }) => sum + slots, 0);
  return all === 0 ? maxConcurrency : all;
}

/** Of the orchestrators that share the log. */
function showLead({ leads, holder, since, until }) {
  show('lead', leads ? 'this one' : (holder ?? 'nobody'));
  byId('lead').dataset.state = leads || holder ? '' : 'bad';
  byId('lead').title = holder === null ? '' : `${holder} since ${since}, at least until ${until ?? 'it is heard of'}`;
}

function reached() {
  if (!reachable) notice(null);
  reachable = true;
  reachedAt = new Date().toISOString();
  document.body.dataset.stale = 'false';
}

function unreachable(error) {
  reachable = false;
  show('health', 'unreachable');
  byId('health').dataset.state = 'bad';
  document.body.dataset.stale = 'true';
  const shown = reachedAt === null ? '' : ` What is shown is as of ${momentOf(reachedAt)}.`;
  notice(`The service cannot be reached or refuses: ${error.message}.${shown} It is asked again every second.`);
}

/** Only the sandbox lets this page play the person at the tracker; otherwise people use the tracker itself. */
async function findSandbox() {
  const isThere = await call('GET', 'sandbox').then(
    () => true,
    () => false,
  );
  byId('new-item').hidden = !isThere;
  show(
    'empty',
    isThere ? 'No work item yet. Press New work item.' : 'No work item yet. Move one to In Progress in the tracker.',
  );
  acts.gesture = isThere ? gesture : null;
}

function wireDialog() {
  const dialog = byId('item-dialog');
  const form = byId('item-form');
  byId('new-item').onclick = () => dialog.showModal();
  form.querySelector('[data-close]').onclick = () => dialog.close();
  form.onsubmit = () => {
    const item = Object.fromEntries(new FormData(form));
    void attempt(() => call('POST', 'sandbox/work-items', item));
    form.reset();
  };
}

function wireStory() {
  byId('story-close').onclick = () => story.close();
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && story.isOpen && !document.querySelector('dialog[open]')) story.close();
  });
}

async function start() {
  wireDialog();
  wireStory();
  await attempt(findSandbox);
  await attempt(loadEnded);
  onTaskChanged(() => void refresh());
  for (;;) {
    await refresh();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

await start();
