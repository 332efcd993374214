const TOKEN = 'orchestrator-token';

/** A refusal that a person can read. */
export class Refused extends Error {}

/** Says who asks, when the service wants to know it; asks the person once when it does. */
export async function call(method, path, body) {
  const answer = await send(method, path, body);
  if (answer.status !== 401) return readable(answer, `${method} ${path}`);
  await askForToken();
  return call(method, path, body);
}

export async function ask(query, variables = {}) {
  const { data, errors } = await call('POST', 'graphql', { query, variables });
  if (errors?.length) throw new Refused(errors[0].message);
  return data;
}

/** Calls back whenever a task changed. The socket only saves waiting: whoever polls misses nothing when it is gone. */
export function onTaskChanged(listener) {
  const address = new URL('graphql', location.href);
  address.protocol = address.protocol.replace('http', 'ws');
  const socket = new WebSocket(address, 'graphql-transport-ws');
  const say = (message) => socket.send(JSON.stringify(message));
  socket.onopen = () => say({ type: 'connection_init' });
  socket.onmessage = ({ data }) => {
    const { type } = JSON.parse(data);
    if (type === 'connection_ack')
      say({ id: 'tasks', type: 'subscribe', payload: { query: 'subscription { taskChanged { id } }' } });
    if (type === 'ping') say({ type: 'pong' });
    if (type === 'next') listener();
  };
  socket.onclose = () => setTimeout(() => onTaskChanged(listener), 10_000);
}

function send(method, path, body) {
  const token = sessionStorage.getItem(TOKEN);
  const headers = { 'x-actor': 'console' };
  if (token) headers.authorization = `Bearer ${token}`;
  if (body) headers['content-type'] = 'application/json';
  return fetch(path, { method, headers, body: body && JSON.stringify(body) });
}

async function readable(answer, what) {
  const body = await answer.json().catch(() => null);
  if (answer.ok || body?.data) return body;
  throw new Refused(sentenceIn(body) ?? `${what} was answered ${answer.status}`);
}

function sentenceIn(body) {
  const said = body?.error ?? body?.errors?.[0];
  return said?.message ?? body?.reason;
}

let asking = null;

/** Several calls may be refused at once; the person is asked once for all of them. */
function askForToken() {
  asking ??= new Promise((resolve) => {
    const dialog = document.getElementById('token-dialog');
    const form = document.getElementById('token-form');
    dialog.oncancel = (event) => event.preventDefault();
    form.onsubmit = () => {
      sessionStorage.setItem(TOKEN, new FormData(form).get('token').trim());
      form.reset();
      asking = null;
      resolve();
    };
    dialog.showModal();
  });
  return asking;
}
