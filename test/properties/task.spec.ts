import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ReportMerged } from '../../src/domain/task/commands.js';
import { taskDecider } from '../../src/domain/task/decide.js';
import type { TaskEvent } from '../../src/domain/task/events.js';
import type { Recorded } from '../../src/kernel/event.js';
import { isRefused } from '../../src/kernel/refused.js';
import { wish } from '../support/given.js';
import * as task from '../support/lives/task-history.js';
import { course, end, walk, type Course } from '../support/lives/task-walk.js';

function holds(property: (walked: Course) => void): void {
  fc.assert(fc.property(course, property), { numRuns: 200 });
}

/** Number of the work that is open after the event. */
function openWork(open: number | null, event: Recorded<TaskEvent>): number | null {
  if (event.type === 'WorkRequested') return event.position;
  const closes = event.type === 'WorkFinished' || event.type === 'WorkFailed' || event.type === 'WorkWithdrawn';
  return closes ? null : open;
}

const ASKS: readonly string[] = ['WorkRequested', 'GateCheckRequested', 'MergeRequested', 'ConfirmationRequested'];
const TRACES: readonly string[] = ['GestureIgnored', 'GateCheckAnswered', 'ChangeMerged', 'MergeRefused'];

describe('Whatever happens to a task', () => {
  test('it never has two works open', () => {
    holds((walked) => {
      let open: number | null = null;
      for (const event of end(walked).events) {
        if (event.type === 'WorkRequested') expect(open).toBeNull();
        if (event.type === 'WorkWithdrawn') expect(event.data.work).toBe(open);
        open = openWork(open, event);
      }
    });
  });

  test('every entry into a stage is a new visit, one higher than the last', () => {
    holds((walked) => {
      const visits = end(walked).events.flatMap((event) =>
        event.type === 'TaskAdvanced' || event.type === 'TaskSentBack' ? [event.data.visit] : [],
      );
      expect(visits).toEqual(visits.map((_visit, index) => index + 1));
    });
  });

  test('once it has ended it asks for nothing more', () => {
    holds((walked) => {
      const { events } = end(walked);
      const over = events.findIndex(
        (event) => event.type === 'TaskCancelled' || (event.type === 'TaskAdvanced' && event.data.to === 'done'),
      );
      if (over < 0) return;
      expect(events.slice(over).filter((event) => ASKS.includes(event.type))).toEqual([]);
    });
  });

  test('once it is escalated it asks for nothing more until a person restarts it', () => {
    holds((walked) => {
      let escalated = false;
      for (const event of end(walked).events) {
        if (event.type === 'TaskEscalated') escalated = true;
        if (event.type === 'TaskRestarted') escalated = false;
        if (escalated) expect(ASKS).not.toContain(event.type);
      }
    });
  });

  test('it goes to production only after a merge, and of a project that asks only after a confirmation', () => {
    holds((walked) => {
      const { events } = end(walked);
      events.forEach((event, index) => {
        if (event.type !== 'WorkRequested' || event.data.stage !== 'deploy') return;
        const visit = events
          .slice(0, index)
          .filter((other) => 'visit' in other.data && other.data.visit === event.data.visit);
        const { revision } = event.data;
        const merges = events.slice(0, index).flatMap((other) => (other.type === 'ChangeMerged' ? [other.data] : []));
        if (revision) expect(merges.map(({ commit }) => commit)).toContainEqual(revision);
        else expect(merges).not.toEqual([]);
        if (walked.facts === task.SELF_HOSTING_TASK)
          expect(visit.map((other) => other.type)).toContain('DeployConfirmed');
      });
    });
  });

  test('it goes to production by a hook only with code that a hook has staged', () => {
    holds((walked) => {
      const staged = new Set<string | undefined>();
      for (const event of end(walked).events) {
        if (event.type !== 'WorkRequested' || event.data.performer === 'agent') continue;
        if (event.data.stage === 'deploy-staging') staged.add(event.data.revision?.codeTree);
        else expect(staged).toContain(event.data.revision?.codeTree);
      }
    });
  });

  test('one confirmation starts production at most once, and answers a request that was sent', () => {
    holds((walked) => {
      if (walked.facts !== task.SELF_HOSTING_TASK) return;
      let [confirmed, sent] = [0, false];
      for (const event of end(walked).events) {
        if (event.type === 'ConfirmationRequested') sent = false;
        if (event.type === 'ConfirmationSent') sent = true;
        if (event.type === 'DeployConfirmed') {
          expect(sent).toBe(true);
          [confirmed, sent] = [confirmed + 1, false];
        }
        if (event.type === 'WorkRequested' && event.data.stage === 'deploy') confirmed -= 1;
        expect(confirmed).toBeGreaterThanOrEqual(0);
      }
    });
  });

  test('the facts of any prefix fold to the state that was decided on', () => {
    holds((walked) => {
      for (const { before } of walk(walked)) {
        const stored = JSON.parse(JSON.stringify(before.events)) as typeof before.events;
        const state = stored.reduce((folded, event) => taskDecider.evolve(folded, event), taskDecider.initial);
        expect(state).toEqual(before.state);
      }
    });
  });

  test('the same command again changes nothing; at most it leaves a trace', () => {
    holds((walked) => {
      for (const { command, before } of walk(walked)) {
        // Rejecting twice is two gestures; that one gesture counts once is decided where it is observed.
        if (command.type === 'RejectTask') continue;
        const after = before.after(command);
        const again = after.decide(command);
        if (isRefused(again)) continue;
        expect(again.filter((event) => !TRACES.includes(event.type))).toEqual([]);
        expect(task.meaningOf(after.and(...again))).toEqual(task.meaningOf(after));
      }
    });
  });

  test('every gate check can be answered and every merge reported, however late', () => {
    holds((walked) => {
      const history = end(walked);
      const settled = new Set(
        history.events.flatMap((event) =>
          event.type === 'ChangeMerged' || event.type === 'MergeRefused' ? [event.data.visit] : [],
        ),
      );
      for (const event of history.events) {
        if (event.type === 'GateCheckRequested') {
          const { visit, round } = event.data;
          const outcome = history.when(task.answers(history, {}, { visit, round })).events;
          expect(outcome.map(({ type }) => type)).toContain('GateCheckAnswered');
        }
        if (event.type === 'MergeRequested' && !settled.has(event.data.visit)) {
          const { visit, pullRequest } = event.data;
          const outcome = history.when(wish(ReportMerged, { visit, pullRequest, commit: task.MERGED })).events;
          expect(outcome.map(({ type }) => type)).toContain('ChangeMerged');
        }
      }
    });
  });
});

const FOUR_RETURNS: Course['moves'] = ['reject', 'reject', 'reject', 'reject'];

test('the courses that are tried bring about everything that can happen to a task', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(course, (walked) => {
      end(walked).events.forEach((event) => seen.add(event.type));
    }),
    { numRuns: 500, seed: 1, examples: [[{ facts: task.AGENTS_TASK, start: 'review', moves: FOUR_RETURNS }]] },
  );
  expect([...seen].sort()).toEqual(Object.keys(taskDecider.events).sort());
});
