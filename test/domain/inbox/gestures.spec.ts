import { describe, expect, test } from '@jest/globals';
import {
  ObserveItem,
  ReportItemVanished,
  type InboxCommand,
  type ObservedEntry,
} from '../../../src/domain/inbox/commands.js';
import { inboxDecider } from '../../../src/domain/inbox/decide.js';
import type { InboxEvent } from '../../../src/domain/inbox/events.js';
import type { InboxState } from '../../../src/domain/inbox/state.js';
import { given, type History, wish } from '../../support/given.js';

type Item = History<InboxCommand, InboxEvent, InboxState>;
type Name = 'todo' | 'in_progress' | 'approved' | 'rejected';

const ITEM = {
  itemId: 'item-1',
  projectId: 'project-et',
  workItem: 'ET-001',
  repo: 'enduro-trails',
  title: 'Add a map',
  description: 'Riders want a map.',
};

function observe(...entries: readonly ObservedEntry[]): ObserveItem {
  return wish(ObserveItem, { ...ITEM, entries, feedback: ['the newest comment'] });
}

function entry(from: Name | null, to: Name, rest: Partial<ObservedEntry> = {}): ObservedEntry {
  const base = { fromId: from && `id-${from}`, toId: `id-${to}`, toKey: to };
  return { ...base, by: 'plane:maria', ours: false, via: 'webhook', ...rest };
}

const told = (from: Name | null, to: Name) => observe(entry(from, to));
const polled = (to: Name) => observe(entry(null, to, { via: 'poll' }));
const item = (...observations: readonly InboxCommand[]): Item => given(inboxDecider).afterAll(...observations);

function entered(history: Item): readonly string[] {
  return history.events.flatMap((event) => (event.type === 'StatusEntered' ? [String(event.data.toKey)] : []));
}

describe('An entry into a status', () => {
  test('is recorded with who made it, from where, and what was said', () => {
    item(told(null, 'todo'))
      .when(told('todo', 'approved'))
      .then({
        type: 'StatusEntered',
        data: {
          itemId: 'item-1',
          projectId: 'project-et',
          workItem: 'ET-001',
          repo: 'enduro-trails',
          fromId: 'id-todo',
          toId: 'id-approved',
          toKey: 'approved',
          by: 'plane:maria',
          enteredAt: null,
          ours: false,
          via: 'webhook',
          taskId: null,
          feedback: ['the newest comment'],
        },
      });
  });

  test('found by a poll came from the status that was observed last', () => {
    const outcome = item(told(null, 'todo')).when(polled('approved'));
    expect(outcome.events).toMatchObject([{ data: { fromId: 'id-todo', toId: 'id-approved', via: 'poll' } }]);
  });

  test.each([
    ['told twice', told('todo', 'approved'), told('todo', 'approved')],
    ['told and then found by a poll', told('todo', 'approved'), polled('approved')],
    ['found by a poll and then told', polled('approved'), told('todo', 'approved')],
    ['found by two polls', polled('approved'), polled('approved')],
  ])('counts once when it is %s', (_how, first, second) => {
    item(told(null, 'todo'), first).when(second).thenNothing();
  });

  test('counts again after another status was observed', () => {
    const history = item(told(null, 'todo'), told('todo', 'approved'), told('approved', 'todo'));
    expect(entered(history.after(told('todo', 'approved')))).toEqual(['todo', 'approved', 'todo', 'approved']);
  });

  test('counts again after polls alone observed another status', () => {
    const history = item(polled('todo'), polled('approved'), polled('todo'), polled('approved'));
    expect(entered(history)).toEqual(['todo', 'approved', 'todo', 'approved']);
  });

  test('that a poll recorded is recognised when its webhook comes late, even after the next one', () => {
    const history = item(polled('todo'), polled('approved'), polled('rejected'));
    history.when(told('todo', 'approved')).thenNothing();
    history.when(told('approved', 'rejected')).thenNothing();
  });

  test('that was read before a webhook told of a newer one proves nothing', () => {
    const overtaken = observe(entry(null, 'rejected', { via: 'poll', whenLastWas: 'id-in_progress' }));
    item(told('in_progress', 'rejected'), told('rejected', 'approved')).when(overtaken).thenNothing();
  });

  describe('that a poll did not see on the way to the one that it recorded', () => {
    const found = observe(entry('rejected', 'approved', { via: 'poll', whenLastWas: 'id-in_progress' }));
    const history = item(told('todo', 'in_progress'), found);
    const late = observe(entry('in_progress', 'rejected'));

    test('counts when its webhook comes late, and changes nothing about where the item is', () => {
      const outcome = history.when(late).thenTypes('StatusEntered');
      expect(outcome.events).toMatchObject([{ data: { toKey: 'rejected', overtaken: true } }]);
      expect(outcome.history.state.lastStatusId).toBe('id-approved');
      outcome.thenNothingMore();
    });

    test('does not make the later one count twice, neither when it is told nor when it is found again', () => {
      const behind = history.after(late);
      behind.when(told('rejected', 'approved')).thenNothing();
      behind.when(observe(entry('rejected', 'approved', { via: 'poll', whenLastWas: 'id-rejected' }))).thenNothing();
    });

    test('may have been several, told in their order', () => {
      const behind = history.after(told('in_progress', 'todo'));
      expect(behind.when(told('todo', 'rejected')).events).toMatchObject([{ data: { overtaken: true } }]);
      behind.after(told('todo', 'rejected')).when(told('rejected', 'approved')).thenNothing();
    });

    test('is over once the gap is closed: the same change again is news', () => {
      const again = history.after(late).after(told('approved', 'in_progress'));
      const [event] = again.when(late).events;
      expect(event).toMatchObject({ data: { toKey: 'rejected' } });
      expect(event?.data).not.toHaveProperty('overtaken');
    });
  });

  test('from another status than the one that a poll recorded is another entry', () => {
    const history = item(polled('todo'), polled('approved'), polled('rejected'));
    history.when(told('rejected', 'approved')).thenTypes('StatusEntered');
  });

  test('is not taken for one that a poll recorded once webhooks arrive again', () => {
    const history = item(polled('todo'), polled('approved'), told('approved', 'todo'));
    history.when(told('todo', 'approved')).thenTypes('StatusEntered');
  });

  test('of unknown origin is taken for the one that a poll recorded', () => {
    item(polled('todo'), polled('approved'), polled('rejected')).when(told(null, 'approved')).thenNothing();
  });

  test('is one of several that are told together, in the order they happened', () => {
    const together = observe(entry('todo', 'approved'), entry('approved', 'rejected'), entry('approved', 'rejected'));
    expect(entered(item(together))).toEqual(['approved', 'rejected']);
  });

  test('told together with others counts once when all are told again', () => {
    item()
      .when(observe(entry('todo', 'approved')))
      .thenNothingMore();
    item()
      .when(observe(entry('todo', 'in_progress')))
      .thenNothingMore();
  });
});

describe('The first In Progress of a person', () => {
  test('asks for exactly one task [WHP-06, WHP-23]', () => {
    const outcome = item(told(null, 'todo')).when(told('todo', 'in_progress'));
    outcome.thenTypes('StatusEntered', 'TaskRequested');
    expect(outcome.events[1]?.data).toEqual(ITEM);
    outcome.thenNothingMore();
  });

  test('counts as well when a poll finds it', () => {
    item(polled('todo')).when(polled('in_progress')).thenTypes('StatusEntered', 'TaskRequested');
  });

  test('counts for an item that nobody had seen before', () => {
    item().when(polled('in_progress')).thenTypes('StatusEntered', 'TaskRequested');
  });

  test('gives the position of the request as the task’s number to every later gesture', () => {
    const started = item(told('todo', 'in_progress'));
    const outcome = started.when(told('in_progress', 'approved')).thenTypes('StatusEntered');
    expect(outcome.events[0]?.data).toMatchObject({ taskId: started.last('TaskRequested').position });
  });

  test('is the only one that asks for a task', () => {
    const back = item(told('todo', 'in_progress'), told('in_progress', 'todo'));
    back.when(told('todo', 'in_progress')).thenTypes('StatusEntered');
  });

  test('asks once even when two are told together', () => {
    const twice = observe(entry('todo', 'in_progress'), entry('in_progress', 'todo'), entry('todo', 'in_progress'));
    item().when(twice).thenTypes('StatusEntered', 'TaskRequested', 'StatusEntered', 'StatusEntered');
  });

  test('is never one of our own account, which is remembered all the same', () => {
    const ours = observe(entry('todo', 'in_progress', { ours: true, by: 'plane:bot' }));
    const outcome = item(told(null, 'todo')).when(ours).thenTypes('StatusEntered');
    expect(outcome.history.state).toMatchObject({ lastStatusId: 'id-in_progress', taskId: null });
  });
});

describe('An item that the tracker no longer knows', () => {
  const vanished = wish(ReportItemVanished, { itemId: 'item-1' });

  test('is reported once, and its task is to be paused [UNK-47]', () => {
    const started = item(told('todo', 'in_progress'));
    const { position } = started.last('TaskRequested');
    const outcome = started.when(vanished);
    const { workItem, repo } = started.last('TaskRequested').data;
    outcome.then(
      { type: 'ItemVanished', data: { itemId: 'item-1', taskId: position } },
      { type: 'TaskLostItem', data: { itemId: 'item-1', taskId: position, workItem, repo } },
    );
    outcome.thenNothingMore();
  });

  test('is nothing to report when it was never observed', () => {
    item().when(vanished).thenNothing();
  });

  test('is reported again when it had come back', () => {
    item(told(null, 'todo'), vanished, told('todo', 'approved')).when(vanished).thenTypes('ItemVanished');
  });
});

test('no more polled entries are remembered than a late webhook can reasonably belong to', () => {
  const names: readonly Name[] = ['todo', 'approved'];
  const many = Array.from({ length: 50 }, (_, index) => polled(names[index % 2] ?? 'todo'));
  expect(item(...many).state.unconfirmed).toHaveLength(20);
});
