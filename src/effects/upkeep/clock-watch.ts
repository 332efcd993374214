import { Logger } from '@nestjs/common';
import type { Clock } from '../../kernel/clock.js';
import type { Metrics } from '../../kernel/metrics.js';
import type { Chore } from './upkeep.js';

const LOOK_EVERY_MS = 2_000;
const JUMP_MS = 5_000;

/**
 * Compares the clock that can be set with the one that cannot. Nothing is decided by it: an age that comes out wrong is
 * judged by the next look. But whoever reads the log has to know why its times do not fit.
 */
export class ClockWatch implements Chore {
  readonly everyMs = LOOK_EVERY_MS;
  private readonly logger = new Logger('upkeep');
  private last: { readonly wall: number; readonly monotonic: number } | null = null;
  private jumps = 0;

  constructor(
    private readonly clock: Clock,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  publish(metrics: Metrics): void {
    metrics.watch({
      name: 'orchestrator_clock_jumps',
      help: 'Jumps of the clock of more than 5 s since the start.',
      read: () => this.jumps,
    });
  }

  async look(): Promise<void> {
    const now = { wall: this.clock.now(), monotonic: this.monotonicMs() };
    const before = this.last ?? now;
    this.last = now;
    const jumpedMs = now.wall - before.wall - (now.monotonic - before.monotonic);
    if (Math.abs(jumpedMs) > JUMP_MS) this.tell(jumpedMs);
  }

  private tell(jumpedMs: number): void {
    this.jumps += 1;
    const by = `${(Math.abs(jumpedMs) / 1000).toFixed(1)} s ${jumpedMs > 0 ? 'forwards' : 'backwards'}`;
    this.logger.warn(`The clock of this machine jumped ${by}: times and ages around this line are not right`);
  }
}
