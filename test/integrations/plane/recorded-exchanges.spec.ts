import { afterEach, describe, expect, test } from '@jest/globals';
import { PlaneTracker } from '../../../src/integrations/plane/plane-tracker.js';
import { TrackerRefused, TrackerUnavailable } from '../../../src/integrations/tracker.js';
import { play } from '../played-server.js';
import type { PlayedServer } from '../played-server.js';
import { exchange, exchangeNames } from '../recorded.js';

const DELIVERY = '64281702-b76f-402b-b75d-0a470789412e';
const DLV42 = '18441e64-2d5c-48e8-b1b6-0507014d41a8';
const IN_REVIEW = '68bcdcb6-c02a-417e-8eb6-20424bc35632';

type Ask = (tracker: PlaneTracker) => Promise<unknown>;
const statuses: Ask = (tracker) => tracker.statuses(DELIVERY);
const workItem: Ask = (tracker) => tracker.workItem(DELIVERY, DLV42);
const changed: Ask = (tracker) => tracker.changedSince(DELIVERY, null);
const history: Ask = (tracker) => tracker.statusHistory(DELIVERY, DLV42);
const blockers: Ask = (tracker) => tracker.blockedBy(DELIVERY, DLV42);
const setStatus =
  (statusId: string): Ask =>
  (tracker) =>
    tracker.setStatus(DELIVERY, DLV42, statusId);
const comment: Ask = (tracker) => tracker.comment(DELIVERY, DLV42, { key: 'run-01J8Z3:pr-opened', text: 'again' });

/** Answers with the recorded exchange, and fails the test when something else is asked. */
async function replay(name: string): Promise<PlayedServer> {
  const { request, status, headers, body } = exchange('plane', name);
  const [path] = request.path.split('?');
  return play((seen) =>
    seen.method === request.method && seen.path === path
      ? { status, headers, body }
      : { status: 418, body: { error: `${seen.method} ${seen.path} was not recorded` } },
  );
}

const UNDERSTOOD: Readonly<Record<string, [Ask, unknown]>> = {
  'api-activities-list': [
    history,
    [
      {
        fromId: 'aced9762-5e6f-4f5f-84cf-9dd885605a52',
        toId: '65db262c-2a6b-4806-8e47-479bb52e1f70',
        actorId: '7f09bf70-2115-4087-a442-cf63fa4ab1d9',
        at: '2026-05-11T10:15:03.401Z',
      },
      {
        fromId: '65db262c-2a6b-4806-8e47-479bb52e1f70',
        toId: IN_REVIEW,
        actorId: '0466ec42-2eb9-4129-9625-10dc864479c3',
        at: '2026-05-12T07:31:45.020Z',
      },
      {
        fromId: IN_REVIEW,
        toId: 'c16319e7-f238-45ce-9fe2-0c75c488c12a',
        actorId: '9969426d-ce6b-4cb3-a1c4-8557daf118f7',
        at: '2026-05-12T09:41:07.702Z',
      },
    ],
  ],
  'api-comment-create': [comment, undefined],
  'api-comment-create-conflict': [comment, undefined],
  'api-not-found': [(tracker) => tracker.workItem(DELIVERY, '226ace6b-52ed-4c30-b25e-c64d59c88268'), null],
  'api-relations-list': [
    blockers,
    [
      { projectId: DELIVERY, itemId: 'f1fae0d9-fffe-4c99-b32c-4ca73861bb78' },
      { projectId: '541c86e3-8bd7-4ff0-a517-ace891d3af7d', itemId: 'a6f44875-55ce-4b89-8ca3-66f24bb30947' },
    ],
  ],
  'api-relations-list-uuid-form': [
    blockers,
    [
      { projectId: DELIVERY, itemId: 'f1fae0d9-fffe-4c99-b32c-4ca73861bb78' },
      { projectId: DELIVERY, itemId: 'a6f44875-55ce-4b89-8ca3-66f24bb30947' },
    ],
  ],
  'api-states-list': [
    statuses,
    [
      { id: '8c919c71-a244-4b4c-9341-fa9925a633cf', name: 'Backlog', group: 'backlog' },
      { id: 'aced9762-5e6f-4f5f-84cf-9dd885605a52', name: 'Todo', group: 'unstarted' },
      { id: '65db262c-2a6b-4806-8e47-479bb52e1f70', name: 'In Progress', group: 'started' },
      { id: IN_REVIEW, name: 'In Review', group: 'started' },
      { id: 'c16319e7-f238-45ce-9fe2-0c75c488c12a', name: 'Approved', group: 'started' },
      { id: 'f5a1e2cd-1e86-4f99-9d2f-3d1aee24ccd8', name: 'Done', group: 'completed' },
      { id: 'ef5438b3-6f82-4518-b679-f917402c6951', name: 'Cancelled', group: 'cancelled' },
    ],
  ],
  'api-work-item': [
    workItem,
    {
      itemId: DLV42,
      projectId: DELIVERY,
      sequenceId: 42,
      title: 'Add retry budget to the webhook consumer',
      description:
        'Limit the number of delivery attempts per endpoint and surface the remaining budget in the admin view.',
      statusId: 'c16319e7-f238-45ce-9fe2-0c75c488c12a',
      updatedAt: '2026-05-12T09:41:07.511832Z',
    },
  ],
  'api-work-item-patch-state': [setStatus(IN_REVIEW), IN_REVIEW],
  'api-work-items-empty': [changed, []],
};

const NOT_GRANTED: Readonly<Record<string, [Ask, TrackerRefused | TrackerUnavailable]>> = {
  'api-forbidden': [statuses, new TrackerRefused('403: You do not have permission to perform this action.', 403)],
  'api-invalid-key': [statuses, new TrackerRefused('403: Given API token is not valid', 403)],
  'api-missing-key': [statuses, new TrackerRefused('401: Authentication credentials were not provided.', 401)],
  'api-per-page-too-large': [changed, new TrackerRefused('400: Invalid per_page value. Cannot exceed 1000.', 400)],
  'api-rate-limited': [statuses, new TrackerUnavailable('429: RATE_LIMIT_EXCEEDED', 37_000)],
  'api-server-error': [statuses, new TrackerUnavailable('500: Something went wrong please try again later')],
  'api-work-item-patch-state-invalid': [
    setStatus('97c06d99-a4ec-4b78-9234-4de563976123'),
    new TrackerRefused('400: state: Invalid pk "97c06d99-a4ec-4b78-9234-4de563976123"', 400),
  ],
  'api-work-item-patch-state-other-project': [
    setStatus('57d984b2-dcb5-4193-a7a7-78114df3d33e'),
    new TrackerRefused('400: State is not valid please pass a valid state_id', 400),
  ],
};

const PAGES = ['api-work-items-page-1', 'api-work-items-page-2', 'api-work-items-page-3-last'];

/** Calls that the pipeline does not make. */
const NEVER_ASKED = [
  'api-relations-create',
  'api-work-item-by-external-id',
  'api-work-item-create',
  'api-work-item-create-conflict',
  'api-work-item-expand-state',
  'api-work-item-fields',
];

describe('every recorded exchange with Plane', () => {
  let server: PlayedServer;
  afterEach(() => server?.close());

  const tracker = () =>
    new PlaneTracker({
      url: server.url,
      token: 'secret-key',
      workspace: 'acme',
      rateLimitPerMin: 60,
      timeoutMs: 2_000,
    });

  test('is understood here or never asked for', () => {
    const told = [...Object.keys(UNDERSTOOD), ...Object.keys(NOT_GRANTED), ...PAGES, ...NEVER_ASKED];
    expect(told.sort()).toEqual([...exchangeNames('plane')].sort());
  });

  test.each(Object.entries(UNDERSTOOD))('%s gives what it means', async (name, [ask, meaning]) => {
    server = await replay(name);
    expect(await ask(tracker())).toEqual(meaning);
  });

  test.each(Object.entries(NOT_GRANTED))('%s is one sentence of the right kind', async (name, [ask, expected]) => {
    server = await replay(name);
    const error: unknown = await ask(tracker()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(expected.constructor);
    expect(error).toMatchObject(
      'status' in expected ? { status: expected.status } : { retryAfterMs: expected.retryAfterMs },
    );
    expect(String(error)).toContain(expected.message.replace(/^.*?: /, ''));
    expect(String(error)).not.toContain('secret-key');
  });

  test('a server that keeps no relations says that nothing is blocked', async () => {
    const { body } = exchange('plane', 'api-not-found');
    server = await play(() => ({ status: 404, body }));
    expect(await blockers(tracker())).toEqual([]);
  });

  test('the pages of a list are read until the server says that no further one follows', async () => {
    server = await play(({ query }) => {
      const page = query.get('cursor') === null ? 0 : Number(query.get('cursor')?.split(':')[1]);
      const { status, headers, body } = exchange('plane', PAGES[page] ?? '');
      return { status, headers, body };
    });
    const items = (await changed(tracker())) as { sequenceId: number }[];
    expect(items).toHaveLength(5);
    expect(server.seen.map(({ query }) => query.get('cursor'))).toEqual([null, '2:1:0', '2:2:0']);
  });
});
