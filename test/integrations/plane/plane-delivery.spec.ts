import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { planeSignatureHolds, readPlaneDelivery } from '../../../src/integrations/plane/plane-delivery.js';
import type { TrackerDelivery } from '../../../src/integrations/tracker.js';
import { webhook, webhookNames } from '../recorded.js';

const DELIVERY = '64281702-b76f-402b-b75d-0a470789412e';
const DLV42 = '18441e64-2d5c-48e8-b1b6-0507014d41a8';
const ALICE = '9969426d-ce6b-4cb3-a1c4-8557daf118f7';
const BOB = '7f09bf70-2115-4087-a442-cf63fa4ab1d9';
const BOT = '0466ec42-2eb9-4129-9625-10dc864479c3';
const TO_DO = 'aced9762-5e6f-4f5f-84cf-9dd885605a52';
const IN_PROGRESS = '65db262c-2a6b-4806-8e47-479bb52e1f70';
const IN_REVIEW = '68bcdcb6-c02a-417e-8eb6-20424bc35632';
const APPROVED = 'c16319e7-f238-45ce-9fe2-0c75c488c12a';
const DONE = 'f5a1e2cd-1e86-4f99-9d2f-3d1aee24ccd8';
const CANCELLED = 'ef5438b3-6f82-4518-b679-f917402c6951';

const changed = (itemId = DLV42): TrackerDelivery => ({
  kind: 'item-changed',
  projectId: DELIVERY,
  itemId,
  statusChange: null,
});
const moved = (fromId: string, toId: string, actorId: string, at = '2026-05-12T09:41:07.511Z'): TrackerDelivery => ({
  kind: 'item-changed',
  projectId: DELIVERY,
  itemId: DLV42,
  statusChange: { fromId, toId, actorId, at },
});
const ignoredEvent = (event: string): TrackerDelivery => ({
  kind: 'ignored',
  reason: `nothing listens to the event "${event}"`,
});

const MEANINGS: Readonly<Record<string, TrackerDelivery>> = {
  'cycle-created': ignoredEvent('cycle'),
  'issue-comment-created': ignoredEvent('issue_comment'),
  'issue-comment-created-by-api': ignoredEvent('issue_comment'),
  'issue-comment-updated': ignoredEvent('issue_comment'),
  'issue-created': changed(),
  'issue-created-by-api': changed('faa52378-c4a2-4611-9277-1332d4d797c7'),
  'issue-deleted': { kind: 'item-deleted', projectId: null, itemId: DLV42 },
  'issue-updated-assignees': changed(),
  'issue-updated-description': changed(),
  'issue-updated-priority': changed(),
  'issue-updated-state-approved': moved(IN_REVIEW, APPROVED, ALICE),
  'issue-updated-state-cancelled': moved(IN_PROGRESS, CANCELLED, ALICE, '2026-05-12T12:00:00.640Z'),
  'issue-updated-state-done': moved(APPROVED, DONE, BOT, '2026-05-12T11:20:41.077Z'),
  'issue-updated-state-in-progress': moved(TO_DO, IN_PROGRESS, BOB, '2026-05-11T10:15:03.220Z'),
  'issue-updated-state-in-review': moved(IN_PROGRESS, IN_REVIEW, BOT, '2026-05-12T07:31:44.918Z'),
  'module-created': ignoredEvent('module'),
  'project-deleted': ignoredEvent('project'),
  'project-updated': ignoredEvent('project'),
  'raw-issue-updated-state-approved': moved(IN_REVIEW, APPROVED, ALICE),
  'v2-workitem-comment-created': ignoredEvent('workitem.comment.created'),
  'v2-workitem-created': changed(),
  'v2-workitem-deleted': { kind: 'item-deleted', projectId: DELIVERY, itemId: DLV42 },
  'v2-workitem-updated-state-approved': moved(IN_REVIEW, APPROVED, ALICE),
};

describe('every recorded webhook of Plane', () => {
  test('has a documented meaning', () => {
    expect(Object.keys(MEANINGS).sort()).toEqual([...webhookNames('plane')].sort());
  });

  test.each(webhookNames('plane'))('%s is signed over its own bytes', (name) => {
    const { rawBody, headers } = webhook('plane', name);
    expect(planeSignatureHolds('test-secret', rawBody, headers['x-plane-signature'])).toBe(true);
  });

  test.each(webhookNames('plane'))('%s is read as what it means', (name) => {
    const body: unknown = JSON.parse(webhook('plane', name).rawBody.toString('utf8'));
    expect(readPlaneDelivery(body)).toEqual(MEANINGS[name]);
  });
});

describe('the signature of Plane', () => {
  const { rawBody, headers } = webhook('plane', 'raw-issue-updated-state-approved');
  const signature = headers['x-plane-signature'] ?? '';

  test('does not hold over bytes that were serialised again', () => {
    const again = Buffer.from(JSON.stringify(JSON.parse(rawBody.toString('utf8'))));
    expect(planeSignatureHolds('test-secret', again, signature)).toBe(false);
  });

  test('does not hold when it is missing, empty, cut, longer, or no hexadecimal number', () => {
    const wrong = [undefined, '', signature.slice(2), `${signature}00`, 'z'.repeat(64), `sha256=${signature}`];
    for (const header of wrong) expect(planeSignatureHolds('test-secret', rawBody, header)).toBe(false);
  });

  test('does not hold with another secret, and an empty secret makes nothing hold', () => {
    expect(planeSignatureHolds('another', rawBody, signature)).toBe(false);
    const keyless = createHmac('sha256', '').update(rawBody).digest('hex');
    expect(planeSignatureHolds('', rawBody, keyless)).toBe(false);
  });
});

describe('a webhook of Plane that nobody recorded', () => {
  const body = () => JSON.parse(webhook('plane', 'issue-updated-state-approved').rawBody.toString('utf8'));

  test('may carry keys that nobody knows', () => {
    expect(readPlaneDelivery({ ...body(), workspace_slug: 'acme', more: { to: 'come' } })).toEqual(
      moved(IN_REVIEW, APPROVED, ALICE),
    );
  });

  test.each([
    ['create', 'item-changed'],
    ['update', 'item-changed'],
    ['delete', 'item-deleted'],
    ['archived', 'ignored'],
  ])('says "%s" as older documentation or newer versions do, and is %s', (action, kind) => {
    expect(readPlaneDelivery({ ...body(), action }).kind).toBe(kind);
  });

  test('proves the change that it names and not the status that the item has by now [WHP-02, WHP-03]', () => {
    const late = body();
    late.data.state = { id: DONE, name: 'Done', group: 'completed' };
    expect(readPlaneDelivery(late)).toEqual(moved(IN_REVIEW, APPROVED, ALICE));
  });

  test('proves a change whose time nobody can tell when the item carries none', () => {
    const timeless = body();
    delete timeless.data.updated_at;
    expect(readPlaneDelivery(timeless)).toMatchObject({ statusChange: { toId: APPROVED, at: null } });
  });

  test('proves no change of status without an actor', () => {
    const anonymous = body();
    delete anonymous.activity.actor;
    expect(readPlaneDelivery(anonymous)).toEqual(changed());
  });

  test('of version 2 may name its event by a constant', () => {
    const v2 = JSON.parse(webhook('plane', 'v2-workitem-updated-state-approved').rawBody.toString('utf8'));
    v2.event = 'WebhookScope.ScopeChoices.WORK_ITEM_UPDATED';
    expect(readPlaneDelivery(v2)).toEqual(moved(IN_REVIEW, APPROVED, ALICE));
  });

  test('of version 2 proves no change when another attribute changed or the actor is "None"', () => {
    const v2 = JSON.parse(webhook('plane', 'v2-workitem-updated-state-approved').rawBody.toString('utf8'));
    expect(readPlaneDelivery({ ...v2, previous_attributes: { priority: 'low' } })).toEqual(changed());
    expect(readPlaneDelivery({ ...v2, data: { ...v2.data, updated_by_id: 'None' } })).toEqual(changed());
  });

  test.each([
    [null],
    [[]],
    ['text'],
    [7],
    [{}],
    [{ event: 'issue' }],
    [{ event: 'issue', action: 'updated', data: [] }],
  ])('is ignored with a reason when it is nonsense like %j', (nonsense) => {
    expect(readPlaneDelivery(nonsense)).toEqual({ kind: 'ignored', reason: expect.stringMatching(/\w/) });
  });

  test('is ignored when it names no project, because nobody could say whose item it is', () => {
    const homeless = body();
    delete homeless.data.project;
    expect(readPlaneDelivery(homeless)).toEqual({ kind: 'ignored', reason: 'the event "issue" names no project' });
  });
});
