import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { JsonHttp, NoAnswer } from '../../src/integrations/wire/json-http.js';
import { Availability } from '../../src/kernel/outside/availability.js';
import { play, type PlayedServer } from './played-server.js';

const START = Date.parse('2026-01-31T12:00:00.000Z');

describe('a system outside', () => {
  test('that fails once or twice is asked on, and shown as failing', () => {
    const system = new Availability();
    system.unreachable('no route', START);
    system.unreachable('no route', START + 10);
    expect(system.closedForMs(START + 10)).toBe(0);
    expect(system.block(START + 10)).toEqual({
      ...{ failing_since: '2026-01-31T12:00:00.000Z', failures: 2, last_error: 'no route', backing_off_until: null },
    });
  });

  test('that does not answer is left alone, ever longer, but never longer than half a minute', () => {
    const system = new Availability();
    const pauses = Array.from({ length: 10 }, () => {
      system.unreachable('no route', START);
      return system.closedForMs(START);
    });
    expect(pauses).toEqual([0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(system.block(START).backing_off_until).toBe('2026-01-31T12:00:30.000Z');
  });

  test('that answers badly is shown as failing and asked all the same', () => {
    const system = new Availability();
    for (let call = 1; call <= 9; call += 1) system.failed('answered with 500', START);
    expect(system.closedForMs(START)).toBe(0);
    expect(system.block(START)).toMatchObject({ failures: 9, last_error: 'answered with 500' });
  });

  test('that answers again has nothing against it', () => {
    const system = new Availability();
    for (let call = 1; call <= 4; call += 1) system.unreachable('no route', START);
    system.answered();
    expect(system.block(START)).toEqual({
      ...{ failing_since: null, failures: 0, last_error: null, backing_off_until: null },
    });
  });
});

describe('calls to a server that fails', () => {
  let server: PlayedServer;
  let status = 200;
  let headers: Record<string, string> = {};
  let calls = 0;

  beforeEach(async () => {
    [status, headers, calls] = [200, {}, 0];
    server = await play(() => {
      calls += 1;
      return { status, headers, body: { ok: true } };
    });
  });
  afterEach(() => server.close());

  const askingWith = (availability: Availability) =>
    new JsonHttp({ url: server.url, headers: {}, timeoutMs: 5_000, availability });

  test('are not made while it wants to be left alone, by whatever call it said so (429, Retry-After)', async () => {
    const availability = new Availability();
    const http = askingWith(availability);
    [status, headers] = [429, { 'retry-after': '30' }];
    expect((await http.call('GET', '/a')).status).toBe(429);
    const refused = await http.call('GET', '/b').catch((error: unknown) => error as NoAnswer);
    expect(refused).toBeInstanceOf(NoAnswer);
    expect((refused as NoAnswer).retryAfterMs).toBeGreaterThan(20_000);
    expect(calls).toBe(1);
    expect(availability.block(Date.now())).toMatchObject({ failures: 1, backing_off_until: expect.any(String) });
  });

  test('are not made after it was not there three times in a row', async () => {
    const http = askingWith(new Availability());
    status = 503;
    for (let call = 1; call <= 3; call += 1) await http.call('GET', '/a');
    await expect(http.call('GET', '/a')).rejects.toBeInstanceOf(NoAnswer);
    expect(calls).toBe(3);
  });

  test('are made on when it answers with 500, and the first good answer ends it', async () => {
    const availability = new Availability();
    const http = askingWith(availability);
    status = 500;
    for (let call = 1; call <= 5; call += 1) await http.call('GET', '/a');
    expect(availability.block(Date.now())).toMatchObject({ failures: 5, last_error: 'answered with 500' });
    status = 404;
    await http.call('GET', '/a');
    expect(availability.block(Date.now()).failing_since).toBeNull();
  });
});
