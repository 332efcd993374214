import { Logger } from '@nestjs/common';
import { describe, expect, test } from '@jest/globals';
import { Upkeep } from '../../../src/effects/upkeep/upkeep.js';
import { until } from '../../support/until.js';

Logger.overrideLogger(false);

class Counting {
  looks = 0;

  constructor(
    readonly everyMs: number,
    private readonly failing = false,
  ) {}

  async look(): Promise<void> {
    this.looks += 1;
    if (this.failing) throw new Error('the disk cannot be read');
  }
}

describe('a chore', () => {
  test('is done at the start and again after its time, also when it failed, and keeps no other waiting', async () => {
    const [failing, other, daily] = [new Counting(1, true), new Counting(1), new Counting(24 * 3_600_000)];
    const upkeep = new Upkeep([failing, other, daily]);
    upkeep.start();
    await until(() => failing.looks > 2 && other.looks > 2, 'both are done repeatedly');
    expect(daily.looks).toBe(1);
    await upkeep.stop();
  });

  test('is not done any more after the stop, and not twice as often after a second start', async () => {
    const chore = new Counting(24 * 3_600_000);
    const upkeep = new Upkeep([chore]);
    upkeep.start();
    upkeep.start();
    await upkeep.stop();
    expect(chore.looks).toBe(1);
  });
});
