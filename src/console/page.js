/** `element('p', {class: 'small'}, 'text')`: text goes in as text, never as markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function byId(id) {
  return document.getElementById(id);
}

export function show(id, text) {
  const shown = byId(id);
  if (shown.textContent !== text) shown.textContent = text;
}

export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (milliseconds < 1_000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The time of day; with the date when it is not today. */
export function momentOf(at) {
  const moment = new Date(at);
  const time = moment.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return moment.toDateString() === new Date().toDateString() ? time : `${moment.toLocaleDateString()} ${time}`;
}

/** People tell accounts apart by the beginning of their ids. */
export function short(text) {
  return text.replace(/\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '$1');
}

/** Says what went wrong until something goes right again. */
export function notice(text) {
  byId('notice').hidden = text === null;
  show('notice', text ?? '');
}

/** What a person sets off either works or says why not. */
export async function attempt(act) {
  try {
    await act();
    notice(null);
  } catch (error) {
    notice(error.message);
  }
}
