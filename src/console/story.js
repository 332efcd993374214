import { ask } from './api.js';
import { byId, duration, element, short, show } from './page.js';

const STORY = `query ($workItem: String!) { task(workItem: $workItem) {
  workItem title repo branch stage costUsd developerRetries
  timeline { eventId position at type actor causationId text sinceStartMs sincePreviousMs }
} }`;

/** The side panel: everything that happened to one task, newest last. */
export class Story {
  #workItem = null;
  #shown = '';

  get isOpen() {
    return this.#workItem !== null;
  }

  async open(workItem) {
    this.#workItem = workItem;
    this.#shown = '';
    await this.refresh();
    byId('story').hidden = false;
    byId('story-events').scrollTop = byId('story-events').scrollHeight;
    byId('story-close').focus();
  }

  close() {
    this.#workItem = null;
    byId('story').hidden = true;
  }

  async refresh() {
    const workItem = this.#workItem;
    if (workItem === null) return;
    const { task } = await ask(STORY, { workItem });
    const newest = `${workItem} ${task?.timeline.at(-1)?.position}`;
    if (!task || this.#workItem !== workItem || this.#shown === newest) return;
    this.#shown = newest;
    draw(task);
  }
}

function draw(task) {
  const { timeline, costUsd } = task;
  show('story-title', `${task.workItem} ${task.title}`);
  const took = duration(timeline.at(-1)?.sinceStartMs ?? 0);
  const cost = costUsd === null ? 'cost unknown' : `${costUsd.toFixed(2)} USD`;
  show('story-facts', `${task.stage} · ${task.branch} · ${timeline.length} events in ${took} · ${cost}`);
  const list = byId('story-events');
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const types = new Map(timeline.map(({ eventId, position, type }) => [eventId, `${type} ${position}`]));
  list.replaceChildren(...timeline.map((entry) => line(entry, types)));
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function line(entry, types) {
  const { at, type, actor, causationId, position, text, sincePreviousMs } = entry;
  const because = types.get(causationId);
  const source = [`#${position}`, `after ${duration(sincePreviousMs)}`, `by ${short(actor)}`];
  if (because) source.push(`because of ${because}`);
  return element(
    'li',
    { class: classOf(type), 'data-type': type },
    element('time', { datetime: at, title: at }, at.slice(11, 23)),
    element('span', {}, short(text)),
    element('small', {}, source.join(' · ')),
  );
}

function classOf(type) {
  if (/Failed|Refused|Escalated|SentBack|Dropped|Vanished/.test(type)) return 'bad';
  if (/^Task(Advanced|Opened|Restarted|Cancelled)$/.test(type)) return 'move';
  return /^(Notification|GateCheck|Delivery)|Enlisted$|Retired$|Released$/.test(type) ? 'quiet' : null;
}
