import { Controller, Get, Inject, Res, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { BackgroundStats } from '../kernel/background-stats.js';
import { METRICS, type Metrics } from '../kernel/metrics.js';
import { Projector } from '../projections/engine/projector.js';

@Controller()
export class MetricsController implements OnModuleInit {
  constructor(
    @Inject(METRICS) private readonly metrics: Metrics,
    private readonly projector: Projector,
    private readonly stats: BackgroundStats,
  ) {}

  onModuleInit(): void {
    const { metrics, projector } = this;
    this.watchLead();
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

  private watchLead(): void {
    const { metrics, stats } = this;
    metrics.watch({
      name: 'orchestrator_leads',
      help: '1 for the orchestrator that decides for all that share the log, else 0.',
      read: () => (stats.lead?.isOurs ? 1 : 0),
    });
    metrics.watch({
      name: 'orchestrator_lead_term',
      help: 'The term of the lead: it rises with every change of the leader. -1 while nobody leads.',
      read: () => stats.lead?.term ?? -1,
    });
    metrics.watch({
      name: 'orchestrator_lead_held_seconds',
      help: 'For how long the lead is held when nothing more is heard.',
      read: () => (stats.leadHeldMs() ?? 0) / 1000,
    });
    metrics.watch({
      name: 'orchestrator_hosts_reachable',
      help: 'Hosts to which jobs can be given, of the orchestrator that leads.',
      read: () => stats.hosts().length,
    });
  }

  /** Prometheus text. */
  @Get('metrics')
  async read(@Res() reply: FastifyReply): Promise<void> {
    await reply.header('content-type', this.metrics.contentType).send(await this.metrics.text());
  }
}
