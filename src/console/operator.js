import { call } from './api.js';
import { attempt, element, momentOf, short } from './page.js';
import { drawWatch } from './watch.js';

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

  /**
   * `health` is what the sandbox's environments are made to be; null where they are not ours to make anything. A watch changes often, and is
   * drawn beside the buttons: one that is replaced between press and release is never clicked.
   */
  draw(repos, health) {
    const facts = JSON.stringify([repos.map((repo) => ({ ...repo, watch: null })), health]);
    if (facts !== this.#drawn) this.#list.replaceChildren(...repos.map((repo) => repoLine(repo, health)));
    this.#drawn = facts;
    repos.forEach(({ watch }, index) => drawWatch(this.#list.children[index].querySelector('.watch'), watch));
  }
}

function repoLine({ name, frozen, freezeCauses }, health) {
  const causes = freezeCauses.map(
    ({ reason, actor, since }) => `${reason ?? 'no reason given'} (${short(actor)}) since ${momentOf(since)}`,
  );
  const text = `frozen: ${causes.join(', ')}. Nothing new enters analysis until it is unfrozen.`;
  const state = frozen ? element('span', { class: 'small' }, text) : null;
  const act = frozen ? button('Unfreeze', name, () => unfreeze(name)) : button('Freeze', name, () => freeze(name));
  const drill = health ? healthButton(name, health.production) : null;
  const parts = [element('b', {}, name), state, act, drill, element('span', { class: 'watch' })];
  return element('li', { 'data-repo': name, 'data-frozen': String(frozen) }, ...parts);
}

async function freeze(name) {
  const reason = window.prompt(`Why is ${name} frozen? No analysis starts in it until it is unfrozen.`)?.trim();
  if (reason) await call('POST', `serial-gate/freeze?repo=${encodeURIComponent(name)}`, { reason });
}

/** The sandbox's own: its production falls ill, or recovers. */
function healthButton(name, isHealthy) {
  const act = () => call('POST', 'sandbox/environments/production/health', { healthy: !isHealthy });
  return button(isHealthy ? 'Make production sick' : 'Heal production', name, act);
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
