import { IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';

const REPO = /^[A-Za-z0-9._-]+$/;
const WORK_ITEM = /^[A-Za-z][A-Za-z0-9_]*-\d{1,9}$/;
const WORK_ITEM_FORM = 'has to be a work item such as ORCH-059';

export class OfRepo {
  @Matches(REPO, { message: 'the query parameter repo has to name a repository' })
  repo!: string;
}

export class OfWorkItem {
  @Matches(WORK_ITEM, { message: `the query parameter work_item ${WORK_ITEM_FORM}` })
  work_item!: string;
}

export class TaskPath {
  @Matches(WORK_ITEM, { message: `the task ${WORK_ITEM_FORM}` })
  workItem!: string;
}

export class DependencyPath extends TaskPath {
  @Matches(WORK_ITEM, { message: `the dependency ${WORK_ITEM_FORM}` })
  dependsOn!: string;
}

export class FreezeBody {
  @IsString({ message: 'reason has to say why, as a text' })
  @MinLength(1, { message: 'reason has to say why, it is empty' })
  @MaxLength(500, { message: 'reason has at most 500 characters' })
  reason!: string;
}

export class DependencyBody {
  @Matches(WORK_ITEM, { message: `depends_on ${WORK_ITEM_FORM}` })
  depends_on!: string;
}

export class CancelBody {
  @IsOptional()
  @IsString({ message: 'reason has to be a text' })
  @MaxLength(500, { message: 'reason has at most 500 characters' })
  reason?: string;
}
