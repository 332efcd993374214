import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ClockWatch } from '../../../src/effects/upkeep/clock-watch.js';
import { Prometheus } from '../../../src/telemetry/prometheus.js';

let wall: number;
let monotonic: number;
let lines: string[];
let watch: ClockWatch;
const metrics = () => {
  const prometheus = new Prometheus();
  watch.publish(prometheus);
  return prometheus.text();
};

beforeEach(() => {
  wall = Date.parse('2026-06-15T12:00:00.000Z');
  monotonic = 1_000;
  lines = [];
  const keep = (line: unknown): void => void lines.push(String(line));
  Logger.overrideLogger({ log: keep, warn: keep, error: keep });
  watch = new ClockWatch({ now: () => wall }, () => monotonic);
});
afterEach(() => Logger.overrideLogger(false));

async function passes(seconds: number, jump = 0): Promise<void> {
  monotonic += seconds * 1000;
  wall += (seconds + jump) * 1000;
  await watch.look();
}

describe('the clock of the machine', () => {
  test('that is set forwards or backwards is noticed, with by how much', async () => {
    await passes(2);
    await passes(2, 3_600);
    await passes(2, -7.5);
    expect(lines).toEqual([
      expect.stringContaining('jumped 3600.0 s forwards'),
      expect.stringContaining('jumped 7.5 s backwards'),
    ]);
    expect(await metrics()).toContain('orchestrator_clock_jumps 2');
  });

  test('that is corrected by a little is no news', async () => {
    for (const jump of [0, 4.9, -4.9, 1]) await passes(2, jump);
    expect(lines).toEqual([]);
    expect(await metrics()).toContain('orchestrator_clock_jumps 0');
  });

  test('has not jumped because this process was kept waiting', async () => {
    await passes(2);
    await passes(600);
    expect(lines).toEqual([]);
  });
});
