import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { VERSION } from '../config/version.js';
import { BackgroundStats } from '../kernel/background-stats.js';
import { CLOCK, type Clock } from '../kernel/clock.js';
import { leadershipBlock } from '../projections/queue/leadership-block.js';
import { Projector, type Lag } from '../projections/engine/projector.js';

/** For probes: whether the log works, and whether what is read is up to date. Needs no token and tells no secret. */
@Controller()
export class HealthController {
  constructor(
    private readonly projector: Projector,
    private readonly stats: BackgroundStats,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('health')
  async health(@Res() reply: FastifyReply): Promise<void> {
    const about = { service: 'orchestrator', version: VERSION, event_log: this.config.eventLog.kind };
    try {
      const { head } = await this.projector.lag();
      const leadership = leadershipBlock(this.stats, this.clock.now());
      await reply.send({ status: 'ok', ...about, position: head, leadership });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      await reply.status(503).send({ status: 'degraded', ...about, position: null, reason });
    }
  }

  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const { status, body } = await this.readiness();
    await reply.status(status).send(body);
  }

  private async readiness(): Promise<{ readonly status: number; readonly body: object }> {
    try {
      return readinessOf(await this.projector.lag());
    } catch (error) {
      return { status: 503, body: { status: 'log-unavailable', reason: String((error as Error).message) } };
    }
  }
}

function readinessOf({ caughtUp, position, head, failure }: Lag): { readonly status: number; readonly body: object } {
  const figures = { position, head, lag: Math.max(0, head - position) };
  if (caughtUp) return { status: 200, body: { status: 'ready', ...figures } };
  return { status: 503, body: { status: failure === null ? 'catching-up' : 'stuck', ...figures, reason: failure } };
}
