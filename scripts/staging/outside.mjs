import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_AGAIN_MS = 250;

/** A check that does not hold, in a sentence. */
export class NotSo extends Error {}

/** The service that is checked, its tracker and its forge; every call has a time-out. */
export class Outside {
  constructor(settings) {
    this.settings = settings;
  }

  service(path, request = {}) {
    const token = this.settings.get('ORCH_API_TOKEN');
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    return this.call('the service', this.settings.address('STAGING_URL') + path, { headers, ...request });
  }

  async graphql(query, variables = {}) {
    const { status, body } = await this.service('/graphql', { method: 'POST', send: { query, variables } });
    if (status !== 200 || !body?.data || body.errors) throw new NotSo(`GraphQL of the service answers ${status}`);
    return body.data;
  }

  /** Signed as Plane signs. */
  webhook(delivery) {
    const raw = JSON.stringify(delivery);
    const signature = createHmac('sha256', this.settings.get('ORCH_PLANE_WEBHOOK_SECRET')).update(raw).digest('hex');
    const headers = {
      ...{ 'x-plane-event': 'issue', 'x-plane-delivery': randomUUID(), 'x-plane-signature': signature },
    };
    return this.service('/webhook/plane', { method: 'POST', headers, raw });
  }

  /** Relative to the project; as a person unless told otherwise. */
  plane(path, { as = 'STAGING_PERSON_TOKEN', ...request } = {}) {
    const project = encodeURIComponent(this.settings.get('STAGING_PLANE_PROJECT'));
    const workspace = encodeURIComponent(this.settings.get('ORCH_PLANE_WORKSPACE'));
    return this.planeAt(`/workspaces/${workspace}/projects/${project}/${path}`, { as, ...request });
  }

  planeAt(path, { as, ...request }) {
    const headers = { 'x-api-key': this.settings.get(as) };
    return this.call('Plane', `${this.settings.address('ORCH_PLANE_URL')}/api/v1${path}`, { headers, ...request });
  }

  /** Relative to the sandbox repository. */
  forge(path, request = {}) {
    const [owner, repo] = ['ORCH_GITEA_OWNER', 'STAGING_REPO'].map((name) =>
      encodeURIComponent(this.settings.get(name)),
    );
    const headers = { authorization: `token ${this.settings.get('ORCH_GITEA_TOKEN')}` };
    const url = `${this.settings.address('ORCH_GITEA_URL')}/api/v1/repos/${owner}/${repo}${path}`;
    return this.call('Gitea', url, { headers, ...request });
  }

  async call(whom, url, { method = 'GET', headers, send, raw = send && JSON.stringify(send) }) {
    const type = raw === undefined ? {} : { 'content-type': 'application/json' };
    const timeoutMs = this.settings.milliseconds('STAGING_CALL_TIMEOUT_S');
    const signal = AbortSignal.timeout(timeoutMs);
    const request = { method, redirect: 'manual', headers: { ...headers, ...type }, body: raw, signal };
    try {
      const answer = await fetch(url, request);
      return { status: answer.status, body: json(await answer.text()) };
    } catch (error) {
      throw new NotSo(`${whom} gives no answer ${whyOf(error, timeoutMs)}`);
    }
  }

  /** Looks until there is something to see; answers with it. */
  async awaited(look, what) {
    const waitMs = this.settings.milliseconds('STAGING_WAIT_S');
    const until = performance.now() + waitMs;
    for (;;) {
      const seen = await look();
      if (seen) return seen;
      if (performance.now() > until) throw new NotSo(`${what} within ${waitMs / 1000} s`);
      await pause(LOOK_AGAIN_MS);
    }
  }
}

export function expectStatus({ status, body }, allowed, what) {
  if (!allowed.includes(status)) throw new NotSo(`${what}: answered with ${status}, expected ${allowed.join(' or ')}`);
  return body;
}

function whyOf(error, timeoutMs) {
  return error.name === 'TimeoutError' ? `within ${timeoutMs / 1000} s` : `(${error.cause?.code ?? error.name})`;
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
