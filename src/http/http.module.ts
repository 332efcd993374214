import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { CONFIG, type Config } from '../config/config.js';
import { ConsoleController } from './console.controller.js';
import { ErrorsFilter } from './errors.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { StatusController } from './status.controller.js';
import { refuseForeignPages } from './own-pages.js';
import { requireToken } from './token.js';
import { WhyController } from './why.controller.js';

@Module({
  imports: [CqrsModule],
  controllers: [HealthController, StatusController, WhyController, MetricsController, ConsoleController],
  providers: [{ provide: APP_FILTER, useClass: ErrorsFilter }],
})
export class HttpModule implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance();
    refuseForeignPages(server, this.config.server.apiToken);
    requireToken(server, this.config.server.apiToken);
  }
}
