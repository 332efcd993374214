import { Body, Controller, Get, HttpCode, Inject, NotFoundException, Param, Post } from '@nestjs/common';
import { IsBoolean, IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import { Work } from '../../projections/work.js';

/** The person at the local tracker, and where the pieces are; exists in sandbox mode only. */
export interface SandboxDesk {
  readonly trackerUrl: string;
  readonly forgeUrl: string;
  readonly repositoryPath: string;
  readonly defaultBranch: string;
  readonly prefix: string;
  createItem(title: string, description: string): Promise<{ readonly itemId: string; readonly workItem: string }>;
  setStatus(itemId: string, statusName: string): Promise<void>;
  isHealthy(environment: SandboxEnvironment): boolean;
  setHealthy(environment: SandboxEnvironment, healthy: boolean): void;
}

const ENVIRONMENTS = ['staging', 'production'] as const;
export type SandboxEnvironment = (typeof ENVIRONMENTS)[number];

export const SANDBOX_DESK = Symbol('SandboxDesk');

const STATUSES = ['In Progress', 'Approved', 'Rejected', 'Confirm Deploy', 'Cancelled'] as const;

export class NewWorkItem {
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  title!: string;

  @IsOptional()
  @IsString()
  @MaxLength(20_000)
  description?: string;
}

export class NewStatus {
  @IsIn(STATUSES)
  status!: (typeof STATUSES)[number];
}

export class NewHealth {
  @IsBoolean()
  healthy!: boolean;
}

/** Does what a person would do in the tracker's own pages. The pipeline learns of it by webhook, like of everything else. */
@Controller('sandbox')
export class SandboxController {
  constructor(
    @Inject(SANDBOX_DESK) private readonly desk: SandboxDesk,
    private readonly work: Work,
  ) {}

  @Get()
  coordinates(): object {
    const { trackerUrl, forgeUrl, repositoryPath, defaultBranch, prefix } = this.desk;
    const health = Object.fromEntries(ENVIRONMENTS.map((name) => [name, this.desk.isHealthy(name)]));
    return { trackerUrl, forgeUrl, repositoryPath, defaultBranch, prefix, health };
  }

  /** Created and moved to In Progress: the pipeline starts. */
  @Post('work-items')
  async create(@Body() item: NewWorkItem): Promise<object> {
    return this.desk.createItem(item.title, item.description ?? '');
  }

  @Post('work-items/:workItem/status')
  @HttpCode(200)
  async setStatus(@Param('workItem') workItem: string, @Body() { status }: NewStatus): Promise<object> {
    const task = await this.work.taskOf(workItem);
    if (!task) throw new NotFoundException(`no task of ${workItem} is known`);
    await this.desk.setStatus(task.plane_id, status);
    return { workItem, status };
  }

  /** What runs there falls ill, or recovers: the drill for everything that watches it. */
  @Post('environments/:environment/health')
  @HttpCode(200)
  setHealth(@Param('environment') name: string, @Body() { healthy }: NewHealth): object {
    const environment = ENVIRONMENTS.find((known) => known === name);
    if (!environment) throw new NotFoundException(`the sandbox has ${ENVIRONMENTS.join(' and ')}, not ${name}`);
    this.desk.setHealthy(environment, healthy);
    return { environment, healthy };
  }
}
