import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { RequestNotification } from '../../domain/notification/commands.js';
import type { NotificationRequested } from '../../domain/notification/events.js';
import type { RunEvidence } from '../../domain/job/judge.js';
import type { Clock } from '../../kernel/clock.js';
import { deriveId } from '../../kernel/ids.js';
import { toIso } from '../../kernel/time.js';

export interface MassDeathWorld {
  readonly commands: CommandBus;
  readonly clock: Clock;
  readonly dataDir: string;
}

type Look = { readonly evidence: RunEvidence };

const DEAD_MIN = 3;
const DEAD_SHARE = 0.2;

/** Many deaths at once are more likely our own blindness: a full disk, a lost folder, a wrong clock. People are told once. */
export class MassDeath {
  private readonly logger = new Logger('job_reaper');
  private isTold = false;

  constructor(private readonly world: MassDeathWorld) {}

  /** True: nothing is to be reaped after these looks. */
  async suspectsOurselves(looks: readonly Look[]): Promise<boolean> {
    if (!isMassDeath(looks)) {
      if (this.isTold) this.logger.log('fewer runs look dead than before: the reaper goes on');
      this.isTold = false;
      return false;
    }
    const dead = looks.filter(isDead).length;
    this.logger.error(`${dead} of ${looks.length} runs look dead at once; nothing is reaped until a look finds fewer`);
    if (!this.isTold) await this.tell(dead, looks.length);
    this.isTold = true;
    return true;
  }

  private async tell(dead: number, all: number): Promise<void> {
    const { commands, clock, dataDir } = this.world;
    const at = toIso(clock.now());
    const news = standsBack({ dead, all, path: dataDir });
    const context = { commandId: randomUUID(), at, actor: 'policy:reaper', correlationId: 'reaper', causationId: null };
    const stream = `notification-${deriveId('reaper-stands-back', at)}`;
    await commands.execute(new RequestNotification(stream, news, context));
  }
}

/** For the chat; it is about no work item. */
export function standsBack(found: {
  readonly dead: number;
  readonly all: number;
  readonly path: string;
}): NotificationRequested['data'] {
  const params = { dead: String(found.dead), all: String(found.all), path: found.path };
  return { channel: 'chat', message: 'reaper-stands-back', workItem: 'reaper', statusKey: null, params };
}

export function isMassDeath(looks: readonly Look[]): boolean {
  const dead = looks.filter(isDead).length;
  return dead > Math.max(DEAD_MIN, looks.length * DEAD_SHARE);
}

function isDead({ evidence }: Look): boolean {
  return evidence.exit === null && (evidence.process === 'dead' || evidence.process === 'unsupervised');
}
