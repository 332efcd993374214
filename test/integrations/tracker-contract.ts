import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TrackerRefused, type Tracker } from '../../src/integrations/tracker.js';
import { until } from '../support/until.js';

/** A tracker with a project, and a person who works in it with an account of their own. */
export interface TrackerWorld {
  readonly tracker: Tracker;
  readonly projectId: string;
  readonly person: {
    readonly accountId: string;
    createItem(title: string, descriptionHtml: string): Promise<string>;
    setStatus(itemId: string, statusId: string): Promise<void>;
    deleteItem(itemId: string): Promise<void>;
    /** As HTML, newest first. */
    comments(itemId: string): Promise<readonly string[]>;
  };
  close(): Promise<void>;
}

const NOBODY = '00000000-0000-4000-8000-000000000000';

/** What every tracker must do, whoever answers: the sandbox or a real server. */
export function trackerContract(name: string, open: () => Promise<TrackerWorld>): void {
  describe(`a tracker (${name})`, () => {
    let world: TrackerWorld;
    beforeAll(async () => {
      world = await open();
    }, 60_000);
    afterAll(() => world?.close());

    const { tracker, person, projectId } = lazily(() => world);
    const newItem = (title = 'Contract item') => person().createItem(title, '<p>Do <b>it</b></p><p>soon</p>');
    const twoStatuses = async () => {
      const [first, second] = await tracker().statuses(projectId());
      if (!first || !second) throw new TypeError('The project of the contract needs two statuses');
      return [first.id, second.id] as const;
    };

    test('tells the own account from the person', async () => {
      const own = await tracker().ownAccountId();
      expect(own).not.toBe('');
      expect(own).not.toBe(person().accountId);
    });

    test('names the statuses of the project with ids, names and groups [PS-01]', async () => {
      const statuses = await tracker().statuses(projectId());
      expect(statuses.map(({ group }) => group)).toEqual(expect.arrayContaining(['backlog', 'started', 'completed']));
      expect(new Set(statuses.map(({ id }) => id)).size).toBe(statuses.length);
      expect(statuses.every(({ id, name: status }) => id !== '' && status !== '')).toBe(true);
    });

    test('reads an item with its description as plain text', async () => {
      const itemId = await newItem('Read me');
      const item = await tracker().workItem(projectId(), itemId);
      expect(item).toMatchObject({ itemId, projectId: projectId(), title: 'Read me', description: 'Do it\n\nsoon' });
      expect(item?.sequenceId).toBeGreaterThan(0);
      expect((await tracker().statuses(projectId())).map(({ id }) => id)).toContain(item?.statusId);
    });

    test('knows no item that was never there, and none that was deleted', async () => {
      const itemId = await newItem('Short-lived');
      await person().deleteItem(itemId);
      expect(await tracker().workItem(projectId(), itemId)).toBeNull();
      expect(await tracker().workItem(projectId(), NOBODY)).toBeNull();
    });

    test('moves an item, answers with the status it then has, and takes the same wish again [PS-08, PS-10]', async () => {
      const itemId = await newItem();
      const [, to] = await twoStatuses();
      expect(await tracker().setStatus(projectId(), itemId, to)).toBe(to);
      expect(await tracker().setStatus(projectId(), itemId, to)).toBe(to);
      expect((await tracker().workItem(projectId(), itemId))?.statusId).toBe(to);
    });

    test('refuses a status that the project does not have', async () => {
      const itemId = await newItem();
      await expect(tracker().setStatus(projectId(), itemId, NOBODY)).rejects.toBeInstanceOf(TrackerRefused);
    });

    test('knows who moved an item, from where to where and when', async () => {
      const itemId = await newItem();
      const [a, b] = await twoStatuses();
      const before = (await tracker().workItem(projectId(), itemId))?.statusId ?? '';
      const [first, second] = before === a ? [b, a] : [a, b];
      await person().setStatus(itemId, first);
      await tracker().setStatus(projectId(), itemId, second);
      // The history is written in the background.
      await until(async () => (await history(itemId)).length === 2, 'both changes are in the history', 30_000);
      const own = await tracker().ownAccountId();
      const [byPerson, byUs] = await history(itemId);
      expect(byPerson).toMatchObject({ fromId: before, toId: first, actorId: person().accountId });
      expect(byUs).toMatchObject({ fromId: first, toId: second, actorId: own });
      expect(byPerson?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });
    const history = (itemId: string) => tracker().statusHistory(projectId(), itemId);

    test('names what changed since a moment, newest first, and nothing older [PS-11]', async () => {
      const old = await newItem('Old');
      const since = (await tracker().workItem(projectId(), await newItem('Border')))?.updatedAt ?? '';
      const recent = await newItem('Recent');
      const changed = (await tracker().changedSince(projectId(), since)).map(({ itemId }) => itemId);
      expect(changed).toContain(recent);
      expect(changed).not.toContain(old);
      const all = await tracker().changedSince(projectId(), null);
      expect(all.map(({ itemId }) => itemId)).toEqual(expect.arrayContaining([old, recent]));
      const times = all.map(({ updatedAt }) => Date.parse(updatedAt));
      expect(times).toEqual([...times].sort((one, other) => other - one));
    });

    test('posts a comment once, however often it is asked to with the same key', async () => {
      const itemId = await newItem();
      const comment = { key: `contract-${itemId}`, text: 'Once <and> only\nonce' };
      await tracker().comment(projectId(), itemId, comment);
      await tracker().comment(projectId(), itemId, comment);
      const [html, ...more] = await person().comments(itemId);
      expect(html).toContain('Once &lt;and&gt; only');
      expect(more).toEqual([]);
      expect(await tracker().comments(projectId(), itemId)).toEqual([
        { authorId: await tracker().ownAccountId(), at: expect.stringMatching(/Z$/), text: comment.text },
      ]);
    });
  });
}

function lazily(world: () => TrackerWorld) {
  return { tracker: () => world().tracker, person: () => world().person, projectId: () => world().projectId };
}
