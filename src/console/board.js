import { taskButtons } from './operator.js';
import { duration, element, momentOf, short } from './page.js';
import { requestFacts } from './requests.js';

export const OPEN_STAGES = ['created', 'analysis', 'architecture', 'development', 'review', 'testing'].concat([
  'deploy-staging',
  'deploy',
]);
export const ENDED_STAGES = ['done', 'cancelled'];

/** Fields of a task that a card shows. */
export const CARD = `fragment Card on Task {
  id workItem repo title stage stageEnteredAt pausedAt escalated failure approvalRequestedAt confirmationRequestedAt costUsd
  activeJob { agent status } waits { code ref since actor clearsWhen }
}`;

/**
 * Ten columns of cards. Only what changed is drawn again, because a button that is replaced between press and release
 * is never clicked. `acts.gesture` is null where this page cannot play the person.
 */
export class Board {
  #lanes = new Map();
  #cards = new Map();
  #acts;

  constructor(list, acts) {
    this.#acts = acts;
    for (const stage of [...OPEN_STAGES, ...ENDED_STAGES]) this.#lanes.set(stage, lane(stage));
    list.replaceChildren(...[...this.#lanes.values()].map(({ item }) => item));
  }

  draw(tasks) {
    const focused = focusedKey();
    for (const [stage, { cards, count }] of this.#lanes) {
      const here = tasks.filter((task) => task.stage === stage).map((task) => this.#cardOf(task));
      if (!sameElements(here, [...cards.children])) cards.replaceChildren(...here);
      count.textContent = String(here.length);
    }
    this.#forgetAllBut(new Set(tasks.map(({ id }) => id)));
    tick();
    if (focused !== focusedKey())
      elementsWith('key')
        .find(({ dataset }) => dataset.key === focused)
        ?.focus();
  }

  #cardOf(task) {
    const facts = JSON.stringify([task, this.#acts.gesture === null]);
    const known = this.#cards.get(task.id);
    if (known?.facts === facts) return known.element;
    const drawn = { facts, element: card(task, this.#acts) };
    this.#cards.set(task.id, drawn);
    return drawn.element;
  }

  #forgetAllBut(ids) {
    for (const id of this.#cards.keys()) if (!ids.has(id)) this.#cards.delete(id);
  }
}

function focusedKey() {
  return document.activeElement?.dataset.key;
}

function elementsWith(data) {
  return [...document.querySelectorAll(`[data-${data}]`)];
}

function sameElements(some, others) {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}

/** Every card says how long its task has been where it is. */
function tick() {
  for (const clock of elementsWith('since')) clock.textContent = duration(Date.now() - Date.parse(clock.dataset.since));
}

function lane(stage) {
  const count = element('span', {});
  const cards = element('ul', {});
  const item = element('li', { class: 'lane', 'data-stage': stage }, element('h2', {}, `${stage} `, count), cards);
  return { item, cards, count };
}

function card(task, acts) {
  const { workItem, title } = task;
  const open = element(
    'button',
    { class: 'open', type: 'button', 'data-key': `${workItem} open`, click: () => acts.open(task) },
    element('b', {}, workItem),
    element('span', { title }, title),
  );
  const attributes = { class: 'card', 'data-item': workItem, 'data-mood': moodOf(task) };
  const why = [...reasonsOf(task), ...requestOf(task)];
  return element('li', attributes, open, factsOf(task), ...why, actionsOf(task, acts));
}

function moodOf(task) {
  if (task.stage === 'done') return 'done';
  if (task.escalated || task.failure) return 'stuck';
  if (askedFor(task)) return 'ask';
  if (task.pausedAt) return 'paused';
  return task.activeJob?.status === 'running' ? 'work' : 'wait';
}

/** What a person is asked to do, as the status that says it. */
function askedFor(task) {
  if (ENDED_STAGES.includes(task.stage)) return null;
  if (task.confirmationRequestedAt) return 'Confirm Deploy';
  return task.approvalRequestedAt ? 'Approved' : null;
}

function factsOf(task) {
  const { stage, stageEnteredAt, activeJob, costUsd } = task;
  const ended = ENDED_STAGES.includes(stage);
  const since = ended
    ? element('time', { datetime: stageEnteredAt }, momentOf(stageEnteredAt))
    : element('span', { 'data-since': stageEnteredAt });
  const job = activeJob && !ended ? ` · ${activeJob.agent} ${activeJob.status}` : '';
  return element('p', { class: 'small' }, since, job, costUsd === null ? '' : ` · ${costUsd.toFixed(2)} USD`);
}

/** The service says why, whatever it is: a person, a gate, another task, a limit. */
function reasonsOf({ workItem, stage, waits, pausedAt }) {
  if (ENDED_STAGES.includes(stage)) return [];
  const reasons = waits.map(reason);
  if (pausedAt && !waits.some(({ code }) => code === 'paused'))
    reasons.push(
      element(
        'p',
        { class: 'small' },
        `paused since ${momentOf(pausedAt)}: no other agent starts until ${workItem} is resumed`,
      ),
    );
  return reasons;
}

function reason({ code, ref, since, actor, clearsWhen }) {
  const held = `since ${momentOf(since)}${actor === null ? '' : ` by ${short(actor)}`}`;
  return element(
    'p',
    { class: 'small' },
    `waits (${code}) until ${clearsWhen || ref}`,
    element('span', { class: 'held', title: since }, held),
  );
}

function requestOf(task) {
  return askedFor(task) === 'Confirm Deploy' && task.request ? requestFacts(task.request) : [];
}

const LABELS = { Approved: 'Approve', 'Confirm Deploy': 'Confirm Deploy' };

function actionsOf(task, acts) {
  if (ENDED_STAGES.includes(task.stage)) return null;
  return element('p', { class: 'actions' }, gestureButton(task, acts), ...taskButtons(task));
}

function gestureButton(task, acts) {
  const status = askedFor(task);
  if (status === null || !acts.gesture) return null;
  const label = LABELS[status];
  const attributes = {
    ...{ class: 'primary', type: 'button', 'data-key': `${task.workItem} ${label}` },
    'aria-label': `${label} ${task.workItem}`,
    click: () => acts.gesture(task, status),
  };
  return element('button', attributes, label);
}
