import { byId, element, momentOf, show } from './page.js';

const SYSTEMS = { plane: 'Plane', gitea: 'Gitea' };

/** Whether the systems around the service answer it; a sentence for each that does not. */
export function showTrouble(resilience) {
  const sentences = [...Object.entries(resilience.systems).map(systemTrouble), agentTrouble(resilience)];
  draw(sentences.filter((sentence) => sentence !== null));
}

function systemTrouble([name, { failing_since: since, last_error: error, backing_off_until: until }]) {
  mark(name, since === null ? 'ok' : 'failing');
  if (since === null) return null;
  const next = until === null ? '' : `; asked again at ${momentOf(until)}`;
  return `${SYSTEMS[name]} fails since ${momentOf(since)}: ${error ?? 'no answer'}${next}`;
}

function agentTrouble({ state, reason, openUntil }) {
  mark('agents', state === 'closed' ? 'ok' : 'held');
  if (state === 'closed') return null;
  const next = openUntil === null ? 'one is tried now and then' : `one is tried at ${momentOf(openUntil)}`;
  return `No agents are started: ${reason ?? 'they fail one after the other'}; ${next}`;
}

function draw(sentences) {
  const list = byId('trouble');
  if (list.dataset.drawn === sentences.join('\n')) return;
  list.dataset.drawn = sentences.join('\n');
  list.hidden = sentences.length === 0;
  list.replaceChildren(...sentences.map((text) => element('li', {}, text)));
}

function mark(id, text) {
  show(id, text);
  byId(id).dataset.state = text === 'ok' ? 'ok' : 'bad';
}
