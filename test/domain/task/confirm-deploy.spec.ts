import { describe, expect, test } from '@jest/globals';
import { ConfirmDeploy, RequestGateCheck } from '../../../src/domain/task/commands.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import type { Stage } from '../../../src/kernel/pipeline/stage.js';
import { at, wish } from '../../support/given.js';
import * as task from '../../support/lives/task-history.js';
import { policyWith, SELF_HOSTING_PROJECT } from '../../support/policy.js';

const { asked, confirm, confirmedAt, fail, merged, open, openedTask, PERSON, reached, reject, restart } = task;
const STAGES_BEFORE: readonly Stage[] = [
  'analysis',
  'architecture',
  'development',
  'review',
  'testing',
  'deploy-staging',
];
const IDLE = 'no production deploy waits for a confirmation';

function selfHosting(stage: Stage): task.TaskHistory {
  return reached(stage, openedTask(task.SELF_HOSTING_TASK));
}

/** Phase A is open, and people have been told. */
function waiting(): task.TaskHistory {
  const entered = selfHosting('deploy');
  return entered.after(asked(entered));
}

function deploying(): task.TaskHistory {
  const merging = waiting().after(confirm);
  return merging.after(merged(merging));
}

function reasonOf(outcome: { readonly events: readonly { readonly data: object }[] }): unknown {
  return (outcome.events[0]?.data as { reason?: string }).reason;
}

describe('The request to confirm', () => {
  test('is made on entering deploy, before anything is merged or deployed, and no agent is asked for [DEP-02, DEP-03, TC-09]', () => {
    const staged = selfHosting('deploy-staging');
    const judged = staged.after(task.finish(staged));
    const outcome = judged.when(task.answers(judged));
    expect(outcome.events.slice(-2)).toMatchObject([
      { type: 'TaskAdvanced', data: { to: 'deploy' } },
      { type: 'ConfirmationRequested', data: { note: 'self-deploy-approval-pending', request: 1 } },
    ]);
  });

  test('shows the head, the staged code tree, the work item and every gate with the event that says so', () => {
    const history = selfHosting('deploy');
    const { verdicts, ...shown } = history.last('ConfirmationRequested').data;
    expect(shown).toMatchObject({
      workItem: 'ORCH-059',
      commit: task.HEAD,
      stagedTree: task.HEAD.codeTree,
      pullRequest: task.PULL_REQUEST,
    });
    expect(verdicts.map(({ gate }) => gate)).toEqual([
      'check_analysis_complete',
      'check_analysis_approved',
      'check_architecture_done',
      'check_ci_green',
      'check_reviewer_verdict',
      'check_tests_passed',
      'check_staging_status',
      'check_branch_mergeable',
      'check_staging_image_fresh',
    ]);
    for (const { gate, revision } of verdicts) {
      expect(history.events[revision]).toMatchObject({ type: 'GateEvaluated', data: { gate, answer: 'passed' } });
    }
  });

  test('names the head of the default branch that the merge gate found in the branch', () => {
    const staged = selfHosting('deploy-staging');
    const judged = staged.after(task.finish(staged));
    const readings = judged
      .last('GateCheckRequested')
      .data.gates.map((gate) => ({ ...task.reading(gate, 'passed'), evidence: { base: 'main-1' } }));
    const outcome = judged.after(task.answers(judged, {}, { readings }));
    expect(outcome.last('ConfirmationRequested').data.base).toBe('main-1');
  });

  test('shows no verdict of a round that was undone', () => {
    const back = waiting().after(reject);
    const again = reached('deploy', back).last('ConfirmationRequested').data;
    const since = back.events.length;
    const late = again.verdicts.filter(({ gate }) => !gate.startsWith('check_a'));
    expect(late.map(({ revision }) => revision >= since)).toEqual(late.map(() => true));
    expect(again.request).toBe(2);
  });

  test('counts as sent once, with the first message that arrives', () => {
    const entered = selfHosting('deploy');
    const outcome = entered.when(asked(entered)).thenTypes('ConfirmationSent');
    outcome.thenNothingMore();
    entered.after(confirm).when(asked(entered)).thenTypes('ConfirmationSent');
    waiting().after(reject).when(asked(waiting())).thenNothing();
  });
});

describe('Confirm Deploy', () => {
  test('merges exactly what was shown [TC-04, TC-07a, DEP-05, CD-03, CD-16]', () => {
    const history = waiting();
    const { visit } = open(history);
    const outcome = history.when(confirm).thenTypes('DeployConfirmed', 'MergeRequested');
    const note = 'self-deploy-initiated';
    const bound = { visit, request: 1, commit: task.HEAD, by: PERSON, at: at(1_000), note };
    expect(outcome.events[0]?.data).toEqual(bound);
    expect(outcome.events[1]?.data).toMatchObject({ visit, commit: task.HEAD, pullRequest: task.PULL_REQUEST });
    expect(open(outcome.history).stage).toBe('deploy');
  });

  test('given twice starts one deploy, at every moment until the verdict [TC-08, CD-07, DEP-06]', () => {
    const merging = waiting().after(confirm);
    const running = merging.after(merged(merging));
    for (const history of [merging, running, running.after(task.finish(running))]) {
      const outcome = history.when(confirm).thenTypes('GestureIgnored');
      expect(outcome.events[0]?.data).toMatchObject({ note: 'self-deploy-already-initiated', stage: 'deploy' });
    }
  });

  test.each(STAGES_BEFORE)('on %s changes nothing [TC-04b, CD-06, WHP-10]', (stage) => {
    expect(reasonOf(selfHosting(stage).when(confirm).thenTypes('GestureIgnored'))).toBe(IDLE);
  });

  test.each([...STAGES_BEFORE, 'deploy'] as const)(
    'on %s of a project that asks nobody changes nothing [TC-12, CD-09]',
    (stage) => {
      expect(reasonOf(reached(stage).when(confirm).thenTypes('GestureIgnored'))).toBe(IDLE);
    },
  );

  test('before the request has been sent is no answer to it', () => {
    const outcome = selfHosting('deploy').when(confirm).thenTypes('GestureIgnored');
    expect(reasonOf(outcome)).toBe('the request to confirm has not been sent yet');
  });

  test('that was made before the request was sent is no answer to it, however late it is heard of [RC-14]', () => {
    const outcome = waiting()
      .when(confirmedAt(at(499)))
      .thenTypes('GestureIgnored');
    expect(reasonOf(outcome)).toBe(`it was made at ${at(499)}, and the request to confirm was sent at ${at(500)}`);
    waiting()
      .when(confirmedAt(at(500)))
      .thenTypes('DeployConfirmed', 'MergeRequested');
  });

  test.each([
    ['who', confirmedAt(at(1_000), null, 'poll')],
    ['when', confirmedAt(null, PERSON, 'poll')],
  ])('does not count when the tracker does not say %s, and the operators are told [RC-14]', (what, gesture) => {
    const outcome = waiting().when(gesture).thenTypes('GestureIgnored');
    expect(outcome.events[0]?.data).toMatchObject({ unproven: true });
    expect(reasonOf(outcome)).toMatch(new RegExp(`^the tracker does not say ${what} `));
  });

  test.each(['webhook', 'poll'] as const)(
    'of our own account is nobody’s word, told by a %s [RC-14, INV-24]',
    (via) => {
      const { payload } = confirmedAt(at(1_000), PERSON, via);
      const outcome = waiting()
        .when(wish(ConfirmDeploy, { ...payload, ours: true }))
        .thenTypes('GestureIgnored');
      expect(outcome.events[0]?.data).toMatchObject({ unanswered: true });
      expect(reasonOf(outcome)).toBe('our own account made it, and only a person confirms');
    },
  );

  test('counts by a poll only while the switch is on [RC-14]', () => {
    const byPoll = confirmedAt(at(1_000), PERSON, 'poll');
    waiting().when(byPoll).thenTypes('DeployConfirmed', 'MergeRequested');
    const off = policyWith({ reconcile: { confirmEnabled: false } });
    const outcome = waiting().under(off).when(byPoll).thenTypes('GestureIgnored');
    expect(outcome.events[0]?.data).toMatchObject({ unanswered: true });
    expect(reasonOf(outcome)).toContain('ORCH_RECONCILE_CONFIRM_ENABLED');
    waiting().under(off).when(confirm).thenTypes('DeployConfirmed', 'MergeRequested');
  });

  test('has to be given anew after a roll-back: the old request is void', () => {
    waiting().after(reject).when(confirm).thenTypes('GestureIgnored');
  });

  test('is refused with what moved, and what moved is staged again without a retry [AMB-28]', () => {
    const merging = waiting().after(confirm);
    const outcome = merging.when(task.mergeRefused(merging, 'main moved to 9f9f9f', true));
    outcome.thenTypes('MergeRefused', 'TaskSentBack', 'WorkRequested');
    expect(outcome.events[1]?.data).toMatchObject({
      to: 'deploy-staging',
      reason: 'merge refused: main moved to 9f9f9f',
      retries: 0,
    });
    const again = reached('deploy', outcome.history);
    expect(again.last('ConfirmationRequested').data.request).toBe(2);
    again.when(confirm).thenTypes('GestureIgnored');
  });
});

describe('A production deploy that a person confirmed', () => {
  test('whose hook could not be started is asked for again, and does not merge twice [UNK-41]', () => {
    const running = deploying();
    const outcome = running.when(fail(running, 'no route to host')).thenTypes('WorkFailed', 'ConfirmationRequested');
    expect(outcome.events[1]?.data).toMatchObject({ request: 2, commit: task.MERGED, because: 'no route to host' });
    const told = outcome.history.after(asked(outcome.history));
    const again = told.when(confirm).thenTypes('DeployConfirmed', 'WorkRequested');
    expect(again.events[1]?.data).toMatchObject({ performer: 'production-hook', round: 2, revision: task.MERGED });
  });

  test('is not started by In Progress, which is no substitute', () => {
    expect(reasonOf(waiting().when(restart).thenTypes('GestureIgnored'))).toBe('it waits for Confirm Deploy');
  });

  test('that failed has to be developed, staged and confirmed again, and is merged by a pull request of its own [BUG-8, RB-03, RB-04, DEP-09, SC-18]', () => {
    const running = deploying();
    const judged = running.after(task.finish(running));
    const failed = judged.after(task.answers(judged, { check_deploy_status: 'failed' }));
    expect(open(failed)).toMatchObject({ stage: 'development', retries: 1, landed: null });
    const again = reached('deploy', failed);
    expect(again.last('ConfirmationRequested').data.request).toBe(2);
    again.after(asked(again)).when(confirm).thenTypes('DeployConfirmed', 'MergeRequested');
  });

  test('is completed by the reconciler when its verdict was not read the first time [AMB-34]', () => {
    const running = deploying();
    const judged = running.after(task.finish(running));
    const unread = judged.after(task.answers(judged, { check_deploy_status: 'absent' }));
    expect(open(unread).stage).toBe('deploy');
    const look = unread.when(wish(RequestGateCheck, { trigger: 'reconciler', head: task.HEAD.head }));
    look.thenTypes('GateCheckRequested');
    const done = look.history.after(task.answers(look.history));
    expect(done.state).toMatchObject({ status: 'closed', stage: 'done' });
  });

  test('is not judged while a person is awaited: an absent verdict is no failure [ORCH-059 TC-07b, ENG-07, QG-22, DEP-26]', () => {
    waiting().when(task.lookAgain).thenNothing();
    const approved = waiting().when(task.approve).thenTypes('GestureIgnored');
    expect(approved.events[0]?.data).toMatchObject({ note: 'approved-on-deploy-noop', stage: 'deploy' });
    expect(open(approved.history).stage).toBe('deploy');
  });
});

describe('Without mandatory approval', () => {
  test('entering deploy goes straight on to the merge [AMB-27]', () => {
    const policy: Policy = policyWith({ projects: [{ ...SELF_HOSTING_PROJECT, confirm: 'auto' }] });
    const staged = selfHosting('deploy-staging').under(policy);
    const judged = staged.after(task.finish(staged));
    expect(
      judged
        .when(task.answers(judged))
        .events.slice(-2)
        .map(({ type }) => type),
    ).toEqual(['TaskAdvanced', 'MergeRequested']);
  });
});
