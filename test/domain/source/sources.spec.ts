import { describe, expect, test } from '@jest/globals';
import { ReportChange, ReportWebhook } from '../../../src/domain/source/commands.js';
import { sourceDecider } from '../../../src/domain/source/decide.js';
import { at, given, wish } from '../../support/given.js';

const PLANE = { source: 'plane', subject: 'ET-001' } as const;
const found = (change: number) => wish(ReportChange, { ...PLANE, change, via: 'poll', delayMs: 45_000 });
const told = (change: number) => wish(ReportChange, { ...PLANE, change, via: 'webhook', delayMs: 300 });
const webhook = (delivery: number) => wish(ReportWebhook, { source: 'plane', delivery });
const source = given(sourceDecider);

describe('A source of webhooks', () => {
  test('is measured change by change, with the delay of each', () => {
    source.when(told(7)).then({ type: 'ChangeNoticed', data: { ...PLANE, change: 7, via: 'webhook', delayMs: 300 } });
    source.when(found(7)).then({ type: 'ChangeNoticed', data: { ...PLANE, change: 7, via: 'poll', delayMs: 45_000 } });
  });

  test('counts a change once, though the saga hears the log from its beginning again', () => {
    const counted = source.afterAll(told(7), found(9));
    counted.when(told(7)).thenNothing();
    counted.when(found(9)).thenNothing();
    counted.when(webhook(8)).thenNothing();
  });

  test('that misses one or two changes may only be late', () => {
    source.after(found(7)).when(found(8)).thenTypes('ChangeNoticed');
  });

  test('that stays silent over the third change found in a row is reported, once, and since the first', () => {
    const silent = source.afterAll(found(7), found(8)).when(found(9));
    silent.thenTypes('ChangeNoticed', 'WebhooksMissed');
    expect(silent.history.last('WebhooksMissed').data).toEqual({ source: 'plane', missed: 3, since: at(0) });
    silent.history.when(found(10)).thenTypes('ChangeNoticed');
  });

  test('is not silent when any webhook came in between, though it told of something else', () => {
    const heard = source.afterAll(found(7), found(8), webhook(9));
    heard.when(found(10)).thenTypes('ChangeNoticed');
    heard.afterAll(found(10), found(11)).when(webhook(12)).thenTypes('WebhooksHeard');
  });

  test('that speaks again after a silence says how many were missed, and the next silence is reported anew', () => {
    const silent = source.afterAll(found(7), found(8), found(9), found(10));
    silent.when(webhook(11)).then({ type: 'WebhooksHeard', data: { source: 'plane', missed: 4, silentSince: at(0) } });
    const again = silent.afterAll(webhook(11), found(12), found(13));
    again.when(found(14)).thenTypes('ChangeNoticed', 'WebhooksMissed');
  });

  test('that misses a change and then speaks ends no silence that anybody was told of', () => {
    source
      .after(found(7))
      .when(webhook(8))
      .then({ type: 'WebhooksHeard', data: { source: 'plane', missed: 1, silentSince: null } });
  });

  test('that has missed nothing leaves no trace of its webhooks', () => {
    source.after(told(7)).when(webhook(8)).thenNothing();
  });
});
