import { describe, expect, test } from '@jest/globals';
import { EnlistTask, FreezeRepo, ReassessRepo, RequestAdmission } from '../../../src/domain/admission/commands.js';
import { admissionDecider, admissionDeciderWith } from '../../../src/domain/admission/decide.js';
import { GATE_PARTS, type GateParts } from '../../../src/domain/admission/serial-gate.js';
import { History, wish } from '../../support/given.js';

const REPO = 'enduro-trails';

function broken(): never {
  throw new TypeError('the list is broken');
}

/** Two tasks whose analysts wait; the first one is in. */
function waiting(parts: GateParts) {
  const tasks = [1, 2].flatMap((taskId) => {
    const task = { repo: REPO, taskId, workItem: `ET-00${taskId}` };
    return [wish(EnlistTask, task), wish(RequestAdmission, { ...task, jobId: taskId * 10 })];
  });
  return History.begin(admissionDeciderWith(parts)).afterAll(...tasks);
}

const reassess = wish(ReassessRepo, { repo: REPO });

describe('A part of the serial gate that fails [AMB-18]', () => {
  test('opens the gate where it looks at active tasks, and that is said once', () => {
    const history = waiting({ ...GATE_PARTS, activeTasks: broken });
    expect(history.events.filter(({ type }) => type === 'JobReleased')).toHaveLength(2);
    const said = history.events.filter(({ type }) => type === 'GatePartFailed');
    expect(said.map(({ data }) => data)).toEqual([
      { repo: REPO, part: 'activeTasks', direction: 'opens', error: 'the list is broken', workItem: 'ET-001' },
    ]);
    history.when(reassess).thenNothing();
  });

  test('holds the analysis where it looks at freezes, with a reason, and releases nobody', () => {
    const history = waiting({ ...GATE_PARTS, frozen: broken });
    expect(history.events.filter(({ type }) => type === 'JobReleased')).toEqual([]);
    expect(history.last('JobHeld').data.reasons[0]).toMatchObject({ code: 'freeze', ref: REPO });
    expect(history.last('GatePartFailed').data).toMatchObject({ part: 'frozen', direction: 'holds' });
    history.when(reassess).thenNothing();
  });

  test('does not hide another one, and is said to answer again', () => {
    const failing = waiting({ ...GATE_PARTS, frozen: broken, activeTasks: broken });
    expect(failing.state.faults).toEqual(['frozen', 'activeTasks']);
    const healed = History.begin(admissionDecider).and(
      ...failing.events.map(({ type, data }) => ({ type, data }) as never),
    );
    const outcome = healed.when(reassess);
    expect(outcome.events.filter(({ type }) => type === 'GatePartRecovered')).toHaveLength(2);
    expect(outcome.history.state.faults).toEqual([]);
    outcome.history.when(reassess).thenNothing();
  });

  test('is not known to answer again while nobody asks', () => {
    const failed = { repo: REPO, part: 'frozen', direction: 'holds', error: 'broken', workItem: 'ET-001' } as const;
    const history = History.begin(admissionDecider).and({ type: 'GatePartFailed', data: failed });
    history.when(wish(FreezeRepo, { repo: REPO, reason: 'a drill', workItem: null })).thenTypes('RepoFrozen');
  });
});
