import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { RequestNotification } from '../../domain/notification/commands.js';
import type { NotificationRequested } from '../../domain/notification/events.js';
import type { Clock } from '../../kernel/clock.js';
import { deriveId } from '../../kernel/ids.js';
import type { Metrics } from '../../kernel/metrics.js';
import { toIso } from '../../kernel/time.js';
import type { Chore } from './upkeep.js';

export interface Disk {
  readonly freeBytes: number;
  /** As `df` counts it: what is reserved for root is not there for us. */
  readonly usedPercent: number;
}

export interface DiskWorld {
  readonly commands: CommandBus;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly alertPercent: number;
  readonly read?: (path: string) => Promise<Disk>;
}

const LOOK_EVERY_MS = 3 * 60_000;
/** So that a disk that is filled and cleared around the limit is not told of every time. */
const CLEARED_BELOW = 2;
const GIB = 1024 ** 3;

/** Tells people once when the disk of the data folder is nearly full: without a disk nothing can be recorded any more. */
export class DiskWatch implements Chore {
  readonly everyMs = LOOK_EVERY_MS;
  private readonly logger = new Logger('upkeep');
  private state: 'unknown' | 'fine' | 'nearly-full' = 'unknown';

  constructor(private readonly world: DiskWorld) {}

  publish(metrics: Metrics): void {
    const read = (name: keyof Disk) => async () => (await this.disk())[name];
    metrics.watch({
      name: 'orchestrator_disk_free_bytes',
      help: 'Free space where the data folder lies.',
      read: read('freeBytes'),
    });
    metrics.watch({
      name: 'orchestrator_disk_used_percent',
      help: 'Used space where the data folder lies, as df counts it.',
      read: read('usedPercent'),
    });
  }

  async look(): Promise<void> {
    const { alertPercent } = this.world;
    const disk = await this.disk();
    if (disk.usedPercent >= alertPercent && this.state !== 'nearly-full') await this.tell(disk);
    else if (disk.usedPercent < alertPercent && this.state === 'unknown') this.state = 'fine';
    else if (disk.usedPercent < alertPercent - CLEARED_BELOW && this.state === 'nearly-full') this.clear(disk);
  }

  private async tell(disk: Disk): Promise<void> {
    const news = nearlyFull(this.world, disk);
    const { path, used, free, limit } = news.params;
    this.logger.warn(`The disk of ${path} is ${used} % full, ${free} GiB are free; the limit is ${limit} %`);
    await this.request(news);
    this.state = 'nearly-full';
  }

  private clear(disk: Disk): void {
    this.logger.log(`The disk of ${this.world.dataDir} is ${disk.usedPercent.toFixed(0)} % full: enough is free again`);
    this.state = 'fine';
  }

  /** Whether a start is a crossing nobody knows: a service that is restarted on a full disk tells of it once a day. */
  private async request(news: NotificationRequested['data']): Promise<void> {
    const at = toIso(this.world.clock.now());
    const crossing = this.state === 'unknown' ? ['start', at.slice(0, 10)] : ['crossing', at];
    const stream = `notification-${deriveId('disk-nearly-full', ...crossing)}`;
    const context = { commandId: randomUUID(), at, actor: 'system', correlationId: 'disk', causationId: null };
    await this.world.commands.execute(new RequestNotification(stream, news, context));
  }

  private disk(): Promise<Disk> {
    return (this.world.read ?? readDisk)(this.world.dataDir);
  }
}

/** For the chat; it is about no work item. */
export function nearlyFull(
  { dataDir, alertPercent }: Pick<DiskWorld, 'dataDir' | 'alertPercent'>,
  disk: Disk,
): NotificationRequested['data'] {
  const params = {
    path: dataDir,
    used: disk.usedPercent.toFixed(0),
    free: (disk.freeBytes / GIB).toFixed(1),
    limit: String(alertPercent),
  };
  return { channel: 'chat', message: 'disk-nearly-full', workItem: 'disk', statusKey: null, params };
}

export async function readDisk(path: string): Promise<Disk> {
  const { blocks, bfree, bavail, bsize } = await statfs(path);
  const used = blocks - bfree;
  return { freeBytes: bavail * bsize, usedPercent: (100 * used) / Math.max(1, used + bavail) };
}
