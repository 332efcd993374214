import { Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { NotificationRequested } from '../../../src/domain/notification/events.js';
import { DiskWatch, readDisk } from '../../../src/effects/upkeep/disk-watch.js';
import { messagesIn } from '../../../src/telemetry/messages/messages.js';
import { Prometheus } from '../../../src/telemetry/prometheus.js';
import { Doors } from '../../support/doors.js';

Logger.overrideLogger(false);

const GIB = 1024 ** 3;
const NOON = Date.parse('2026-06-15T12:00:00.000Z');

let doors: Doors;
let usedPercent: number;
let now: number;
beforeEach(async () => {
  doors = await Doors.open();
  now = NOON;
});
afterEach(() => doors.close());

/** One start of the service. */
function started(): DiskWatch {
  const commands = doors.app.get(CommandBus);
  const read = () => Promise.resolve({ freeBytes: 1.5 * GIB, usedPercent });
  return new DiskWatch({ commands, clock: { now: () => now }, dataDir: '/data', alertPercent: 85, read });
}

async function used(watch: DiskWatch, ...percents: readonly number[]): Promise<number> {
  for (const percent of percents) {
    usedPercent = percent;
    now += 180_000;
    await watch.look();
  }
  return (await told()).length;
}

async function told(): Promise<readonly NotificationRequested['data'][]> {
  const events = await doors.log.readAll({ types: ['NotificationRequested'] });
  return events.map((event) => event.data as NotificationRequested['data']);
}

describe('a disk that fills up', () => {
  test('is told of once, when it crosses the limit, and again only after it was well below', async () => {
    const watch = started();
    expect(await used(watch, 50, 84.9)).toBe(0);
    expect(await used(watch, 85, 86, 99, 84, 86)).toBe(1);
    expect(await used(watch, 82.9, 84)).toBe(1);
    expect(await used(watch, 85)).toBe(2);
  });

  test('is told of in words that people understand, in both languages', async () => {
    await used(started(), 86.4);
    const [message] = await told();
    expect(message).toMatchObject({ channel: 'chat', message: 'disk-nearly-full' });
    const text = (locale: 'en' | 'ru') => messagesIn(locale).text(message?.message ?? '', message?.params ?? {});
    expect(text('en')).toContain('The disk of /data is 86 % full, 1.5 GiB are free; the limit is 85 %.');
    expect(text('ru')).toContain('Диск с /data заполнен на 86 %');
  });

  test('is told of at most once a day by a service that is started again and again', async () => {
    for (let starts = 0; starts < 3; starts += 1) await used(started(), 90);
    expect(await told()).toHaveLength(1);
    now += 24 * 3_600_000;
    expect(await used(started(), 90)).toBe(2);
  });
});

describe('the figures of the disk', () => {
  test('are those of the disk that the folder lies on', async () => {
    const disk = await readDisk(doors.folder);
    expect(disk.freeBytes).toBeGreaterThan(0);
    expect(disk.usedPercent).toBeGreaterThan(0);
    expect(disk.usedPercent).toBeLessThanOrEqual(100);
  });

  test('are in the metrics as they are when somebody asks', async () => {
    const metrics = new Prometheus();
    started().publish(metrics);
    usedPercent = 41;
    expect(await metrics.text()).toContain('orchestrator_disk_used_percent 41');
    expect(await metrics.text()).toContain(`orchestrator_disk_free_bytes ${1.5 * GIB}`);
  });
});
