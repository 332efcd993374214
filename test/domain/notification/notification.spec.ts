import { describe, test } from '@jest/globals';
import * as commands from '../../../src/domain/notification/commands.js';
import { notificationDecider } from '../../../src/domain/notification/decide.js';
import { given, wish } from '../../support/given.js';

const MESSAGE = {
  channel: 'chat',
  message: 'escalated',
  workItem: 'ET-001',
  statusKey: null,
  params: { reason: 'red tests' },
} as const;
const request = wish(commands.RequestNotification, MESSAGE);
const delivered = wish(commands.ReportNotificationDelivered, { channel: 'chat', how: 'sent', text: 'ET-001 …' });
const dropped = wish(commands.ReportNotificationDropped, { channel: 'chat', reason: 'the chat was deleted' });
const requested = () => given(notificationDecider).after(request);

describe('A message', () => {
  test('is asked for once', () => {
    const outcome = given(notificationDecider).when(request);
    outcome.then({ type: 'NotificationRequested', data: MESSAGE });
    outcome.thenNothingMore();
  });

  test('is delivered once, and not dropped afterwards', () => {
    const outcome = requested().when(delivered);
    outcome.then({ type: 'NotificationDelivered', data: delivered.payload });
    outcome.thenNothingMore();
    outcome.history.when(dropped).thenNothing();
  });

  test('is dropped once, and not delivered afterwards [TG-02]', () => {
    const outcome = requested().when(dropped);
    outcome.then({ type: 'NotificationDropped', data: dropped.payload });
    outcome.thenNothingMore();
    outcome.history.when(delivered).thenNothing();
  });

  test('that was delivered or dropped is not asked for again', () => {
    requested().after(delivered).when(request).thenNothing();
    requested().after(dropped).when(request).thenNothing();
  });

  test('that nobody asked for can be neither delivered nor dropped', () => {
    given(notificationDecider).when(delivered).thenNothing();
    given(notificationDecider).when(dropped).thenNothing();
  });
});
