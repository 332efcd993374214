import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Config } from '../../../src/config/config.js';
import { ReleaseMergeLease } from '../../../src/domain/merge-lease/commands.js';
import type { AnswerGateCheck, GateReading } from '../../../src/domain/task/commands.js';
import type { GateCheckRequested } from '../../../src/domain/task/events.js';
import type { Outcome } from '../../../src/effects/effect.js';
import { GateChecks } from '../../../src/effects/task/gate-checks.js';
import type { GateReaders } from '../../../src/effects/task/gate-readers.js';
import { MergeGate } from '../../../src/effects/task/merge-gate.js';
import { ProjectCommands } from '../../../src/effects/task/project-commands.js';
import type { Worktrees } from '../../../src/integrations/worktrees.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { ForgeRepository, KEY } from '../../integrations/git/forge-repository.js';
import { commandContext } from '../../support/given.js';
import { until } from '../../support/until.js';
import { LeaseWorld } from '../merge-lease/lease-world.js';

const GATES = ['check_staging_status', 'check_branch_mergeable', 'check_staging_image_fresh'] as const;
const TASK = { ...KEY, taskId: 7, stage: 'deploy-staging', visit: 6, round: 1, artifacts: [], pullRequest: 3 } as const;
const LEASE = 'merge-lease-sample';

/** A repository on a forge, the project's real test command, and the gate check of one judged head. */
class Yard {
  readonly leases = new LeaseWorld(300, ['sample']);
  readonly answers: AnswerGateCheck['payload'][] = [];
  readonly stopping = new AbortController();
  /** What is said of staging before, and after, the merge gate. */
  staging: GateReading['answer'] = 'passed';

  private constructor(
    readonly forge: ForgeRepository,
    readonly worktrees: Worktrees,
    readonly judged: string,
  ) {}

  static async open(): Promise<Yard> {
    const forge = await ForgeRepository.create();
    const judged = await forge.personPushes(KEY.branch, { 'src/app.js': 'two\n' });
    return new Yard(forge, forge.worktrees(), judged);
  }

  /** How often the project's tests were run. */
  get retests(): number {
    const log = join(this.forge.root, 'runs');
    return existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0;
  }

  async check(testCommand = 'true', policy = this.leases.policy): Promise<AnswerGateCheck['payload']> {
    const projects = [{ repo: 'sample', testCommand: `echo run >> ${this.forge.root}/runs; ${testCommand}` }];
    const project = new ProjectCommands({ projects } as unknown as Pick<Config, 'projects'>, this.worktrees);
    const gate = new MergeGate(this.worktrees, project, policy);
    const checks = new GateChecks(this.readers(), gate, this.leases.keeper());
    const commit = await this.worktrees.stateOf('sample', this.judged);
    const data = { ...TASK, gates: GATES, commit, trigger: 'deploy-1 finished' };
    const event = { id: 'intent', stream: 'task-7', data } as unknown as RecordedEvent<GateCheckRequested>;
    await checks.act(event, this.outcome(), this.stopping.signal);
    const answer = this.answers.at(-1);
    if (!answer) throw new Error('The gate check was not answered');
    return answer;
  }

  private readers(): GateReaders {
    const read = ({ gates }: GateCheckRequested['data']) =>
      Promise.resolve(gates.map((gate) => ({ gate, answer: this.staging, reason: 'as told', evidence: {} })));
    return { read } as unknown as GateReaders;
  }

  private outcome(): Outcome {
    return { report: async (_type, _stream, payload) => void this.answers.push(payload as AnswerGateCheck['payload']) };
  }
}

let yard: Yard;
beforeEach(async () => {
  yard = await Yard.open();
});
afterEach(() => yard.forge.remove());

function reading({ readings }: AnswerGateCheck['payload']): GateReading | undefined {
  return readings.find(({ gate }) => gate === 'check_branch_mergeable');
}

describe('check_branch_mergeable, where the merge gate is in force', () => {
  test('passes at once for a branch that contains main: no rebase, no re-test [MG-11, QG-18, DEP-04, AMB-28]', async () => {
    const answer = await yard.check();
    expect(reading(answer)).toMatchObject({ answer: 'passed', reason: 'branch up-to-date with main' });
    expect([answer.rebased, yard.retests]).toEqual([undefined, 0]);
    expect(answer.readings.map(({ gate }) => gate)).toEqual(GATES);
    expect(await yard.leases.types(LEASE)).toEqual(['MergeLeaseGranted', 'MergeLeaseReleased']);
  });

  test('rebases and tests a branch that is behind, once, and main stays where it is [TC-17a of ORCH-065, MG-12..15]', async () => {
    const main = await yard.forge.personPushes('main', { 'docs/guide.md': 'guide\n' });

    const first = await yard.check('test -f docs/guide.md');
    expect(reading(first)).toMatchObject({ answer: 'passed', reason: 'rebased onto main, re-test green' });
    const head = await yard.forge.forgeHead(KEY.branch);
    expect(first.rebased).toMatchObject({ to: { head }, onto: main });
    expect(first.readings.at(-1)).toMatchObject({ gate: 'check_staging_image_fresh', answer: 'outdated' });

    const again = await yard.check('test -f docs/guide.md');
    expect(reading(again)).toMatchObject({ answer: 'passed', reason: 'branch up-to-date with main' });
    expect(again.rebased).toEqual(first.rebased);
    expect([yard.retests, await yard.forge.forgeHead('main')]).toEqual([1, main]);
  });

  test('goes on with the new head when main only brought documents of work items', async () => {
    await yard.forge.personPushes('main', { 'docs/work-items/ET-000/14-deploy-log.md': 'SUCCESS\n' });
    const answer = await yard.check();
    expect(answer.readings.map(({ gate }) => gate)).toEqual(GATES);
    expect(answer.readings.at(-1)?.answer).toBe('passed');
    expect(answer.rebased?.to.head).toBe(await yard.forge.forgeHead(KEY.branch));
  });

  test('is red when the re-test is: the lease is back, main and the branch stay [TC-24 of ORCH-043, MG-13, RB-09]', async () => {
    const main = await yard.forge.personPushes('main', { 'docs/guide.md': 'guide\n' });
    const answer = await yard.check('echo "1 test failed: the map is upside down" >&2; exit 1');
    expect(reading(answer)).toMatchObject({
      answer: 'failed',
      reason: expect.stringMatching(/^re-test red after the rebase onto main: .*the map is upside down/s),
    });
    expect([await yard.forge.forgeHead('main'), await yard.forge.forgeHead(KEY.branch)]).toEqual([main, yard.judged]);
    expect((await yard.leases.types(LEASE)).at(-1)).toBe('MergeLeaseReleased');
  });

  test('is red on a conflict, names the files and tests nothing [UNK-23]', async () => {
    await yard.forge.personPushes('main', { 'src/app.js': 'three\n' });
    const answer = await yard.check();
    expect(reading(answer)).toMatchObject({ answer: 'failed', reason: 'rebase onto main conflicts in src/app.js' });
    expect(yard.retests).toBe(0);
  });

  test('is red when somebody pushed to the branch while it was tested, and keeps what they pushed', async () => {
    await yard.forge.personPushes('main', { 'docs/guide.md': 'guide\n' });
    const theirs = `cd ${yard.forge.person} && git checkout -q ${KEY.branch} && git -c user.name=A -c user.email=a@b commit -q --allow-empty -m more`;
    const answer = await yard.check(`${theirs} && git push -q origin ${KEY.branch}`);
    expect(reading(answer)).toMatchObject({
      answer: 'failed',
      reason: expect.stringContaining('the rebased branch cannot be pushed: [rejected] (stale info)'),
    });
    expect(await yard.forge.forgeHead(KEY.branch)).not.toBe(yard.judged);
  });

  test('is red with the words of a hook that rejects the push', async () => {
    await yard.forge.personPushes('main', { 'docs/guide.md': 'guide\n' });
    await yard.forge.hook('echo "history is not rewritten here" >&2; exit 1');
    expect(reading(await yard.check())?.reason).toContain('history is not rewritten here');
  });

  test('passes for a branch that is on main already [TC-17b of ORCH-065, MG-34]', async () => {
    await yard.forge.personPushes('main', { 'src/app.js': 'two\n' });
    Object.assign(yard, { judged: await yard.forge.forgeHead('main') });
    expect(reading(await yard.check())).toMatchObject({ answer: 'passed', reason: 'already merged into main' });
  });
});

describe('the merge gate', () => {
  test('takes no lease while an earlier gate is not green', async () => {
    yard.staging = 'absent';
    const { readings } = await yard.check();
    expect(readings.map(({ gate }) => gate)).toEqual(['check_staging_status']);
    expect(await yard.leases.types(LEASE)).toEqual([]);
  });

  test('is not in force for other repositories, nor with its switch off: nothing is rebased, no lease is taken [MG-10]', async () => {
    await yard.forge.personPushes('main', { 'docs/guide.md': 'guide\n' });
    const { policy } = yard.leases;
    await yard.check('true', { ...policy, merge: { ...policy.merge, gateRepos: ['orchestrator'] } });
    const answer = await yard.check('true', { ...policy, merge: { ...policy.merge, gateEnabled: false } });
    expect(reading(answer)).toMatchObject({ answer: 'passed', reason: 'as told' });
    expect(await yard.forge.forgeHead(KEY.branch)).toBe(yard.judged);
    expect(await yard.leases.types(LEASE)).toEqual([]);
  });

  test('that is overtaken while it tests stops testing, pushes nothing and answers nothing', async () => {
    await yard.forge.personPushes('main', { 'docs/guide.md': 'guide\n' });
    Object.assign(yard.leases.policy.merge, { lockTimeoutS: 0.1 });
    const checking = yard.check('sleep 60');
    const lost = expect(checking).rejects.toThrow('is lost');
    await until(() => yard.retests === 1, 'the re-test runs', 20_000);
    const release = { workItem: KEY.workItem, fence: null, reason: 'an operator took it away' };
    await yard.leases.commands.execute(new ReleaseMergeLease(LEASE, release, commandContext()));
    await lost;
    expect([yard.answers, await yard.forge.forgeHead(KEY.branch)]).toEqual([[], yard.judged]);
  });
});
