import { Controller, Get, Inject, Res, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { METRICS, type Metrics } from '../kernel/metrics.js';
import { Projector } from '../projections/engine/projector.js';

@Controller()
export class MetricsController implements OnModuleInit {
  constructor(
    @Inject(METRICS) private readonly metrics: Metrics,
    private readonly projector: Projector,
  ) {}

  onModuleInit(): void {
    const { metrics, projector } = this;
    metrics.watch({
      name: 'orchestrator_log_position',
      help: 'Position of the newest event.',
      read: async () => (await projector.lag()).head,
    });
    metrics.watch({
      name: 'orchestrator_projection_lag_events',
      help: 'Events that are in the log, but not yet in the read models.',
      read: async () => {
        const { head, position } = await projector.lag();
        return Math.max(0, head - position);
      },
    });
  }

  /** Prometheus text. */
  @Get('metrics')
  async read(@Res() reply: FastifyReply): Promise<void> {
    await reply.header('content-type', this.metrics.contentType).send(await this.metrics.text());
  }
}
