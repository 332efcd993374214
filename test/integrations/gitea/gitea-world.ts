import { GiteaForge } from '../../../src/integrations/gitea/gitea-forge.js';
import { ask } from '../../support/sandbox/sandbox-in-test.js';
import { WorkingCopy } from '../../support/sandbox/working-copy.js';
import type { ForgeWorld } from '../forge-contract.js';

/** How to reach a Gitea: a real one by `ORCH_TEST_GITEA_*`, or the sandbox. Two accounts that may write to the repository. */
export interface GiteaAccess {
  readonly url: string;
  readonly owner: string;
  readonly repo: string;
  readonly token: string;
  readonly personToken: string;
}

export async function giteaWorld(access: GiteaAccess, close: () => Promise<void>): Promise<ForgeWorld> {
  const { url, owner, repo, token, personToken } = access;
  const base = `${url}/api/v1/repos/${owner}/${repo}`;
  const call = async (method: string, address: string, body?: object) => {
    const answer = await ask(method, address, { authorization: `token ${personToken}` }, body);
    if (answer.status < 300) return answer.body;
    throw new TypeError(`${method} ${address} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
  };
  const review = (number: number, event: string) =>
    call('POST', `${base}/pulls/${number}/reviews`, { event, body: 'From the contract.' });
  const copy = await WorkingCopy.clone(`${url}/${owner}/${repo}.git`, token);
  return {
    forge: new GiteaForge({ url, token, owner, timeoutMs: 20_000 }),
    repo,
    copy,
    person: {
      login: (await call('GET', `${url}/api/v1/user`)).login,
      approve: (number) => review(number, 'APPROVED'),
      requestChanges: (number) => review(number, 'REQUEST_CHANGES'),
      reportStatus: (sha, context, state) => call('POST', `${base}/statuses/${sha}`, { context, state }),
    },
    close: async () => {
      await copy.remove();
      await close();
    },
  };
}
