import { describe, test } from '@jest/globals';
import { CloseDelivery, ReceiveDelivery } from '../../../src/domain/inbox/commands.js';
import { inboxDecider } from '../../../src/domain/inbox/decide.js';
import { given, wish } from '../../support/given.js';

const DELIVERY = {
  source: 'plane',
  deliveryId: 'delivery-1',
  digest: 'digest-1',
  event: 'issue',
  says: { kind: 'item-changed' },
  body: { action: 'update' },
} as const;
const receive = wish(ReceiveDelivery, DELIVERY);
const close = wish(CloseDelivery, { result: 'looked' });

describe('A delivery', () => {
  test('is recorded as it came', () => {
    given(inboxDecider).when(receive).then({ type: 'DeliveryReceived', data: DELIVERY });
  });

  test('that has been seen before is refused as a duplicate [WHP-19]', () => {
    given(inboxDecider).after(receive).when(receive).thenRefused('duplicate');
    given(inboxDecider).afterAll(receive, close).when(receive).thenRefused('duplicate');
  });

  test('is handled once', () => {
    const outcome = given(inboxDecider).after(receive).when(close);
    outcome.then({ type: 'DeliveryHandled', data: { result: 'looked' } });
    outcome.thenNothingMore();
  });
});
