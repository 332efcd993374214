import { describe, expect, test } from '@jest/globals';
import type { DeployFinished } from '../../../src/domain/deploy/events.js';
import { deployLog } from '../../../src/effects/deploy/deploy-logs.js';
import { readFrontmatter } from '../../../src/effects/task/frontmatter.js';
import { VERDICT_FILES } from '../../../src/effects/task/verdicts.js';
import { at } from '../../support/given.js';

type Ended = DeployFinished['data'];

const HEALTHY: Ended = {
  ...{ deployId: 12, repo: 'orchestrator', environment: 'production', action: 'deploy' },
  ...{ verdict: 'SUCCESS', exitCode: 0, reason: 'the hook reports healthy (exit 0)', checks: [], waived: [] },
  endedAt: at(60),
};
const STAGED: Ended = {
  ...{ ...HEALTHY, environment: 'staging', reason: 'all real checks passed; waived: C9a', waived: ['C9a'] },
  checks: [
    { check: 'A1', block: 'SMOKE', kind: 'REAL', ok: true, detail: 'HTTP 200' },
    { check: 'C9a', block: 'E2E', kind: 'SANDBOX_INFRA', ok: false, detail: 'no branch appeared' },
  ],
};

const URL = 'http://localhost:8501';

function written(ended: Ended): { readonly head: Readonly<Record<string, unknown>>; readonly text: string } {
  const text = deployLog(ended, 'ORCH-059', URL);
  const read = readFrontmatter(text);
  if (read.kind !== 'read') throw new Error(read.reason);
  return { head: read.values, text };
}

describe('what a hook came to, as an artifact', () => {
  test.each([
    ['SUCCESS', 0],
    ['FAILED', 1],
    ['FAILED', null],
  ] as const)(
    'says of production %s (exit %p), for which item, and that code judged it [DEP-18, DEP-09]',
    (verdict, exitCode) => {
      const { head } = written({ ...HEALTHY, verdict, exitCode });
      const who = { work_item: 'ORCH-059', deployed_by: 'deploy-finalizer', deploy_id: 12 };
      expect(head).toEqual({ deploy_status: verdict, hook_exit_code: exitCode, ...who });
      expect(VERDICT_FILES.check_deploy_status).toMatchObject({ file: '14-deploy-log.md', key: 'deploy_status' });
    },
  );

  test('says of staging its verdict, when it was given, and where it was asked [ST-11, ST-05]', () => {
    const { head } = written(STAGED);
    expect(head).toEqual({ staging_status: 'SUCCESS', timestamp: at(60), base_url: URL, deploy_id: 12 });
    expect(Date.parse(String(head['timestamp']))).not.toBeNaN();
    expect(VERDICT_FILES.check_staging_status).toMatchObject({ file: '15-staging-log.md', key: 'staging_status' });
  });

  test('names what was waived, and every check with its kind and its answer [ST-06, ST-07, ST-10]', () => {
    const { text } = written(STAGED);
    expect(text).toContain('INFRA-WAIVED: C9a\n');
    expect(text).toContain('| SMOKE | A1 | REAL | pass | HTTP 200 |');
    expect(text).toContain('| E2E | C9a | SANDBOX_INFRA | FAIL | no branch appeared |');
  });

  test('is another file after another deploy, so that an older one never passes for it [AMB-52]', () => {
    expect(deployLog(HEALTHY, 'ORCH-059', URL)).not.toBe(deployLog({ ...HEALTHY, deployId: 13 }, 'ORCH-059', URL));
  });
});
