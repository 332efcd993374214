import { dirname, join } from 'node:path';
import {
  Global,
  Injectable,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnModuleInit,
} from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EVENT_LOG, type EventLog } from '../event-log/event-log.js';
import { BackgroundStats } from '../kernel/background-stats.js';
import { ADMISSION_QUERY_HANDLERS } from './admission/admission-queries.js';
import { DEPLOY_QUERY_HANDLERS } from './deploy/deploy-queries.js';
import { Projector } from './engine/projector.js';
import { ReadModels } from './engine/read-models.js';
import { EVENT_QUERY_HANDLERS } from './event/event-queries.js';
import { INBOX_QUERY_HANDLERS } from './inbox/inbox-queries.js';
import { JOB_QUERY_HANDLERS } from './job/job-queries.js';
import { WATCH_QUERY_HANDLERS } from './post-deploy/watch-queries.js';
import { QUEUE_QUERY_HANDLERS } from './queue/queue-queries.js';
import { keepMoments, momentsOf } from './moments/moments.js';
import { READ_MODELS } from './read-models.js';
import { STATUS_QUERY_HANDLERS } from './task/status-queries.js';
import { TASK_QUERY_HANDLERS } from './task/task-queries.js';
import { TIMELINE_QUERY_HANDLERS } from './timeline/timeline-queries.js';
import { WHY_QUERY_HANDLERS } from './why/why-queries.js';
import { Work } from './work.js';

export interface ProjectionsOptions {
  /** The file of the read models. */
  readonly path: string;
}

/** Starts the projector before anything asks, and stops it while the log is still open. */
@Injectable()
class Projecting implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    private readonly projector: Projector,
    private readonly models: ReadModels,
  ) {}

  onModuleInit(): Promise<void> {
    return this.projector.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.projector.stop();
    await this.models.close();
  }
}

const QUERY_HANDLERS = [
  ...ADMISSION_QUERY_HANDLERS,
  ...TASK_QUERY_HANDLERS,
  ...JOB_QUERY_HANDLERS,
  ...DEPLOY_QUERY_HANDLERS,
  ...WATCH_QUERY_HANDLERS,
  ...INBOX_QUERY_HANDLERS,
  ...EVENT_QUERY_HANDLERS,
  ...TIMELINE_QUERY_HANDLERS,
  ...QUEUE_QUERY_HANDLERS,
  ...STATUS_QUERY_HANDLERS,
  ...WHY_QUERY_HANDLERS,
];

/** The read side: `Projector`, `ReadModels`, `Work`, `BackgroundStats` and every query handler. Needs `EVENT_LOG`, `CLOCK` and `POLICY`. */
@Global()
@Module({})
export class ProjectionsModule {
  static forRoot({ path }: ProjectionsOptions): DynamicModule {
    return {
      module: ProjectionsModule,
      imports: [CqrsModule],
      providers: [
        { provide: ReadModels, useValue: new ReadModels(path) },
        {
          provide: Projector,
          inject: [EVENT_LOG],
          useFactory: (log: EventLog) => {
            keepMoments(log, { kept: join(dirname(path), 'moments.db'), prunes: true });
            return new Projector(log, { path, models: READ_MODELS, moments: momentsOf(log) });
          },
        },
        { provide: Work, inject: [ReadModels], useFactory: (models: ReadModels) => new Work(models) },
        BackgroundStats,
        Projecting,
        ...QUERY_HANDLERS,
      ],
      exports: [ReadModels, Projector, Work, BackgroundStats],
    };
  }
}
