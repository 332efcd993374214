import { PlaneTracker } from '../../../src/integrations/plane/plane-tracker.js';
import { ask } from '../../support/sandbox/sandbox-in-test.js';
import type { TrackerWorld } from '../tracker-contract.js';

/** How to reach a Plane: a real one by `ORCH_TEST_PLANE_*`, or the sandbox. Two accounts, both members of the project. */
export interface PlaneAccess {
  readonly url: string;
  readonly workspace: string;
  readonly projectId: string;
  readonly token: string;
  readonly personToken: string;
  readonly rateLimitPerMin: number;
}

export async function planeWorld(access: PlaneAccess, close: () => Promise<void>): Promise<TrackerWorld> {
  const { url, workspace, projectId, token, personToken, rateLimitPerMin } = access;
  const items = `${url}/api/v1/workspaces/${workspace}/projects/${projectId}/work-items/`;
  const call = async (method: string, address: string, body?: object) => {
    const answer = await ask(method, address, { 'x-api-key': personToken }, body);
    if (answer.status < 300) return answer.body;
    throw new TypeError(`${method} ${address} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
  };
  const me = await call('GET', `${url}/api/v1/users/me/`);
  return {
    tracker: new PlaneTracker({ url, token, workspace, rateLimitPerMin, timeoutMs: 10_000 }),
    projectId,
    person: {
      accountId: me.id,
      createItem: async (name, html) => (await call('POST', items, { name, description_html: html })).id,
      setStatus: (itemId, state) => call('PATCH', `${items}${itemId}/`, { state }),
      deleteItem: (itemId) => call('DELETE', `${items}${itemId}/`),
      comments: async (itemId) =>
        (await call('GET', `${items}${itemId}/comments/`)).results.map(
          (comment: { comment_html: string }) => comment.comment_html,
        ),
    },
    close,
  };
}
