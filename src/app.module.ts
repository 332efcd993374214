import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { CommandsModule } from './commands/commands.module.js';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { EffectsModule } from './effects/effects.module.js';
import { RunFilesModule } from './effects/job/run-files.module.js';
import { UpkeepModule } from './effects/upkeep/upkeep.module.js';
import { EventLogModule } from './event-log/event-log.module.js';
import { GraphqlModule } from './graphql/graphql.module.js';
import { HttpModule } from './http/http.module.js';
import { ClockModule } from './clock.module.js';
import { OperatorModule } from './http/operator/operator.module.js';
import type { SandboxDesk } from './http/sandbox/sandbox.controller.js';
import { SandboxDoorModule } from './http/sandbox/sandbox-door.module.js';
import { WebhooksModule } from './http/webhooks/webhooks.module.js';
import { AgentsModule } from './integrations/agents.module.js';
import { DeliveriesModule } from './integrations/deliveries.module.js';
import { IntegrationsModule } from './integrations/integrations.module.js';
import { ProjectionsModule } from './projections/projections.module.js';
import { HostsModule } from './queue/hosts/hosts.module.js';
import { LeadershipModule } from './queue/leadership/leadership.module.js';
import { QueueModule } from './queue/queue.module.js';
import { Background, Hosting, Movers, Runtime, Store } from './runtime.js';
import { SagasModule } from './sagas/sagas.module.js';
import { TelemetryModule } from './telemetry/telemetry.module.js';

/** One module per zone; here is where they meet. */
@Module({})
export class AppModule {
  static of(config: Config, desk: SandboxDesk | null): DynamicModule {
    const zones = [
      ...[EventLogModule.forRoot(), CommandsModule, ProjectionsModule.forRoot({ path: config.readModels.path })],
      ...[IntegrationsModule, DeliveriesModule, AgentsModule, TelemetryModule],
    ];
    const moving = [
      LeadershipModule,
      HostsModule,
      SagasModule,
      QueueModule,
      EffectsModule,
      RunFilesModule,
      UpkeepModule,
    ];
    const doors = [
      HttpModule,
      OperatorModule,
      WebhooksModule,
      GraphqlModule,
      ...(desk ? [SandboxDoorModule.at(desk)] : []),
    ];
    return {
      module: AppModule,
      imports: [CqrsModule.forRoot(), ConfigModule.of(config), ClockModule, ...zones, ...moving, ...doors],
      providers: [Background, Hosting, Movers, Store, Runtime],
    };
  }
}
