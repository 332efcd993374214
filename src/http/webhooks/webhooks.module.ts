import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import {
  FORGE_DELIVERIES,
  TRACKER_DELIVERIES,
  type ForgeDeliveries,
  type TrackerDeliveries,
} from '../../integrations/deliveries.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { POLICY, type Policy } from '../../kernel/pipeline/policy.js';
import { ReadModels } from '../../projections/engine/read-models.js';
import { newestDeliveryIds } from '../../projections/inbox/deliveries.js';
import { RecentDeliveries } from './recent-deliveries.js';
import { GiteaIntake, PlaneIntake, WebhooksController } from './webhooks.controller.js';

/** Nobody repeats what is older. */
const REMEMBERED = 5_000;

const BUS = [CommandBus, CLOCK, RecentDeliveries, POLICY];

@Module({
  imports: [CqrsModule],
  controllers: [WebhooksController],
  providers: [
    RecentDeliveries,
    {
      provide: PlaneIntake,
      inject: [TRACKER_DELIVERIES, ...BUS],
      useFactory: (
        reader: TrackerDeliveries,
        commands: CommandBus,
        ...[clock, recent, policy]: [Clock, RecentDeliveries, Policy]
      ) => new PlaneIntake('plane', reader, (says) => unknownProject(says, policy), { commands, clock, recent }),
    },
    {
      provide: GiteaIntake,
      inject: [FORGE_DELIVERIES, ...BUS],
      useFactory: (
        reader: ForgeDeliveries,
        commands: CommandBus,
        ...[clock, recent, policy]: [Clock, RecentDeliveries, Policy]
      ) => new GiteaIntake('gitea', reader, (says) => unknownRepo(says, policy), { commands, clock, recent }),
    },
  ],
  exports: [RecentDeliveries],
})
export class WebhooksModule implements OnApplicationBootstrap {
  constructor(
    private readonly recent: RecentDeliveries,
    private readonly models: ReadModels,
  ) {}

  /** Before the door opens: what an earlier process took is a repetition to this one as well. */
  async onApplicationBootstrap(): Promise<void> {
    for (const { source, id } of await newestDeliveryIds(this.models, REMEMBERED)) this.recent.add(source, id);
  }
}

/** WHP-20: a webhook covers a whole workspace; what the project file does not name is none of ours. */
function unknownProject(
  says: { readonly kind: string; readonly projectId?: string | null },
  policy: Policy,
): string | null {
  if (says.projectId === undefined || says.projectId === null) return null;
  const known = policy.projects.some((project) => project.planeProjectId === says.projectId);
  return known ? null : `project ${says.projectId} is not in the project file`;
}

function unknownRepo(says: { readonly kind: string; readonly repo?: string }, policy: Policy): string | null {
  if (says.repo === undefined) return null;
  return policy.projects.some((project) => project.repo === says.repo)
    ? null
    : `repository ${says.repo} is not in the project file`;
}
