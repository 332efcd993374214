import { call } from './api.js';
import { attempt, element } from './page.js';

/** What an operator does to a task, through the same endpoints as the command line. */
export function taskButtons({ workItem, pausedAt }) {
  const item = encodeURIComponent(workItem);
  const word = pausedAt ? 'Resume' : 'Pause';
  const park = () => call('POST', `serial-gate/${word.toLowerCase()}?work_item=${item}`, {});
  const cancel = async () => {
    if (window.confirm(`Cancel ${workItem}? Its agent is stopped; its branch is kept.`))
      await call('POST', `tasks/${item}/cancel`, {});
  };
  return [button(word, workItem, park), button('Cancel', workItem, cancel)];
}

/** One line per repository: whether it is frozen, why, and the button that changes it. */
export class Repos {
  #list;
  #drawn = '';

  constructor(list) {
    this.#list = list;
  }

  draw(repos) {
    const facts = JSON.stringify(repos);
    if (facts === this.#drawn) return;
    this.#drawn = facts;
    this.#list.replaceChildren(...repos.map(repoLine));
  }
}

function repoLine({ name, frozen, freezeCauses }) {
  const causes = freezeCauses.map(({ reason, actor }) => `${reason} (${actor})`).join(', ');
  const state = frozen ? element('span', { class: 'small' }, `frozen: ${causes}`) : null;
  const act = frozen ? button('Unfreeze', name, () => unfreeze(name)) : button('Freeze', name, () => freeze(name));
  return element('li', { 'data-repo': name, 'data-frozen': String(frozen) }, element('b', {}, name), state, act);
}

async function freeze(name) {
  const reason = window.prompt(`Why is ${name} frozen? No analysis starts in it until it is unfrozen.`)?.trim();
  if (reason) await call('POST', `serial-gate/freeze?repo=${encodeURIComponent(name)}`, { reason });
}

function unfreeze(name) {
  return call('POST', `serial-gate/unfreeze?repo=${encodeURIComponent(name)}`, {});
}

function button(word, subject, act) {
  const attributes = {
    ...{ class: 'quiet', type: 'button', 'data-key': `${subject} ${word}`, 'aria-label': `${word} ${subject}` },
    click: () => attempt(act),
  };
  return element('button', attributes, word);
}
