import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { compileSandbox } from '../support/sandbox/compiled-sandbox.js';

let compiled: Awaited<ReturnType<typeof compileSandbox>>;
let worktree: string;

beforeAll(async () => {
  compiled = await compileSandbox('agent');
});
afterAll(() => compiled.remove());
beforeEach(async () => {
  worktree = await mkdtemp(join(tmpdir(), 'agent-worktree-'));
  await cp(join(compiled.directory, 'sample'), worktree, { recursive: true });
});
afterEach(() => rm(worktree, { recursive: true, force: true }));

interface Run {
  readonly exitCode: number | undefined;
  readonly lines: readonly Record<string, unknown>[];
  readonly result: Record<string, unknown> | undefined;
}

interface Play {
  readonly role: string;
  readonly text?: string;
  readonly attempt?: number;
  readonly stage?: string;
  readonly workItem?: string;
}

async function spawn({ role, text = '', attempt = 1, stage = '', workItem = 'SBX-007' }: Play) {
  const brief = join(worktree, '.brief.md');
  await writeFile(
    brief,
    `# Brief\n\n## Title\n\n~~~text\nCheaper honey "for all"\n~~~\n\n## Description\n\n~~~text\n${text}\n~~~\n`,
  );
  const env = {
    ...{ ORCH_WORK_ITEM: workItem, ORCH_ROLE: role, ORCH_STAGE: stage, ORCH_ATTEMPT: String(attempt) },
    ORCH_RUN_ID: 'run-1',
    ...{ ORCH_ARTIFACTS_DIR: join(worktree, 'docs/work-items', workItem), ORCH_TASK_FILE: brief },
    PATH: process.env['PATH'] ?? '',
  };
  const script = join(compiled.directory, 'agent', 'scripted-agent.js');
  const args = [script, '-p', 'Read the brief', '--output-format', 'stream-json', '--verbose', '--delay-ms', '1'];
  return execa(process.execPath, args, {
    cwd: worktree,
    env,
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: 2_000,
  });
}

async function run(play: Play): Promise<Run> {
  const { exitCode, stdout } = await spawn(play);
  const lines = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { exitCode, lines, result: lines.find(({ type }) => type === 'result') };
}

const artifact = (name: string) => readFile(join(worktree, 'docs/work-items/SBX-007', name), 'utf8');
const sampleTests = () =>
  execa(process.execPath, ['--test'], { cwd: worktree, reject: false, env: {}, extendEnv: false });

describe('what it prints', () => {
  test('it opens with init and ends with a result that carries outcome, cost and usage', async () => {
    const { exitCode, lines, result } = await run({ role: 'analyst' });
    expect(exitCode).toBe(0);
    expect(lines[0]).toMatchObject({ type: 'system', subtype: 'init' });
    expect(lines.at(-1)).toBe(result);
    expect(result).toMatchObject({ subtype: 'success', is_error: false, terminal_reason: 'completed' });
    expect(result?.['total_cost_usd']).toBeGreaterThan(0);
    expect(result?.['usage']).toMatchObject({ input_tokens: expect.any(Number) });
  });
});

describe('the roles', () => {
  test('the analyst leaves the whole set', async () => {
    await run({ role: 'analyst' });
    for (const name of ['01-brd.md', '02-trz.md', '03-acceptance-criteria.md', '04-test-plan.yaml']) {
      expect((await artifact(name)).length).toBeGreaterThan(0);
    }
    expect(await artifact('01-brd.md')).toContain('Cheaper honey "for all"');
  });

  test('the architect records a decision', async () => {
    await run({ role: 'architect' });
    expect(await artifact('06-adr/ADR-001-a-promotion-per-file.md')).toContain('Status: accepted');
  });

  test('the developer changes code and adds a test that passes with all the others', async () => {
    await run({ role: 'developer' });
    expect(await readFile(join(worktree, 'src/promotions/sbx-007.js'), 'utf8')).toContain('code: "SBX-007"');
    const tests = await sampleTests();
    expect(tests.stdout).toContain('# pass 7');
    expect(tests.exitCode).toBe(0);
  });

  test('every work item is another change, and a second round of one is another again', async () => {
    const read = (item: string) => readFile(join(worktree, `src/promotions/${item}.js`), 'utf8');
    await run({ role: 'developer' });
    const first = await read('sbx-007');
    await run({ role: 'developer', workItem: 'SBX-008' });
    expect(await read('sbx-008')).not.toBe(first);
    await run({ role: 'developer' });
    expect(await read('sbx-007')).toBe(first.replace('round: 1', 'round: 2'));
    expect((await sampleTests()).exitCode).toBe(0);
  });

  test('the reviewer and the tester write their verdict where the gate reads it', async () => {
    await run({ role: 'reviewer' });
    expect(await artifact('12-review.md')).toMatch(
      /^---\ntype: review\nwork_item_id: SBX-007\nrun_id: run-1\nverdict: APPROVED\nversion: 1\n---\n/,
    );
    await run({ role: 'tester' });
    expect(await artifact('13-test-report.md')).toMatch(
      /^---\ntype: test-report\nwork_item_id: SBX-007\nrun_id: run-1\nresult: PASS\n---\n/,
    );
  });

  test('the tester really runs the tests: broken code fails', async () => {
    await run({ role: 'developer', text: '[[developer: break]]' });
    await run({ role: 'tester' });
    expect(await artifact('13-test-report.md')).toContain('result: FAIL');
  });

  test('the deployer writes the log of its stage', async () => {
    await run({ role: 'deployer', stage: 'deploy-staging' });
    expect(await artifact('15-staging-log.md')).toMatch(/^---\n[^#]*\nstaging_status: SUCCESS\n/);
    await run({ role: 'deployer', stage: 'deploy', text: '[[deploy: FAILED once]]' });
    expect(await artifact('14-deploy-log.md')).toMatch(
      /^---\n[^#]*\nwork_item: SBX-007\ndeploy_status: FAILED\nhook_exit_code: 1\n/,
    );
  });
});

describe('directives in the text of the item', () => {
  test('a verdict that is asked for once is given once', async () => {
    const text = 'Please. [[review: REQUEST_CHANGES once]] [[tester: FAIL twice]]';
    for (const verdict of ['REQUEST_CHANGES', 'APPROVED']) {
      await run({ role: 'reviewer', text });
      expect(await artifact('12-review.md')).toContain(`verdict: ${verdict}\n`);
    }
    for (const result of ['FAIL', 'FAIL', 'PASS']) {
      await run({ role: 'tester', text });
      expect(await artifact('13-test-report.md')).toContain(`result: ${result}\n`);
    }
  });

  test('a crash leaves no result and nothing written, and strikes the first attempt only', async () => {
    const text = '[[developer: crash once]]';
    const first = await run({ role: 'developer', text });
    expect([first.exitCode, first.result]).toEqual([1, undefined]);
    expect((await run({ role: 'developer', text, attempt: 2 })).exitCode).toBe(0);
    expect((await run({ role: 'developer', text, attempt: 1 })).exitCode).toBe(0);
  });

  test('failures of the interface look as they do from the real agent', async () => {
    const overloaded = await run({ role: 'analyst', text: '[[analyst: overload]]' });
    expect([overloaded.exitCode, overloaded.result?.['is_error'], overloaded.result?.['api_error_status']]).toEqual([
      1,
      true,
      529,
    ]);
    const limited = await run({ role: 'analyst', text: '[[analyst: usage-limit]]' });
    expect(limited.lines.some(({ type }) => type === 'rate_limit_event')).toBe(true);
    const empty = await run({ role: 'analyst', text: '[[analyst: no-artifact]]' });
    expect(empty.result).toMatchObject({ subtype: 'success', is_error: false });
    await expect(artifact('01-brd.md')).rejects.toThrow();
  });

  test('a run that hangs is ended by whoever started it', async () => {
    const hanging = await spawn({ role: 'analyst', text: '[[analyst: hang]]' });
    expect([hanging.timedOut, hanging.exitCode]).toEqual([true, 143]);
    expect(hanging.stdout).not.toContain('"type":"result"');
  });
});
