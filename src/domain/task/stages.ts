import type { ProjectPolicy } from '../../kernel/pipeline/policy.js';
import type { Gate, Role, Stage } from '../../kernel/pipeline/stage.js';
import type { Performer } from './events.js';

/** A stage in which work is done and judged. */
export type WorkingStage = Exclude<Stage, 'created' | 'done' | 'cancelled'>;

interface StageRow {
  readonly next: Stage;
  /** Who works in this stage (AMB-11). */
  readonly role: Role;
  /** What a run in this stage has to leave behind; each entry is a prefix below `docs/work-items/<WI>/`. */
  readonly artifacts: readonly string[];
  /** In order; the first that is not green is the answer. */
  readonly gates: (project: ProjectPolicy) => readonly Gate[];
}

/** The transition table (STG-01, STG-08, decisions "Gates per stage"). */
export const STAGE_TABLE: Readonly<Record<WorkingStage, StageRow>> = {
  analysis: {
    next: 'architecture',
    role: 'analyst',
    artifacts: ['01-brd.md', '02-trz.md', '03-acceptance-criteria.md', '04-test-plan.yaml'],
    gates: () => ['check_analysis_complete', 'check_analysis_approved'],
  },
  architecture: {
    next: 'development',
    role: 'architect',
    artifacts: ['06-adr/ADR-'],
    gates: () => ['check_architecture_done'],
  },
  development: {
    next: 'review',
    role: 'developer',
    artifacts: [],
    gates: (project) => [project.ci === 'local' ? 'check_tests_local' : 'check_ci_green'],
  },
  review: {
    next: 'testing',
    role: 'reviewer',
    artifacts: ['12-review.md'],
    gates: (project) =>
      project.review === 'forge' ? ['check_reviewer_verdict', 'check_review_approved'] : ['check_reviewer_verdict'],
  },
  testing: {
    next: 'deploy-staging',
    role: 'tester',
    artifacts: ['13-test-report.md'],
    gates: () => ['check_tests_passed'],
  },
  'deploy-staging': {
    next: 'deploy',
    role: 'deployer',
    artifacts: ['15-staging-log.md'],
    gates: () => ['check_staging_status', 'check_branch_mergeable', 'check_staging_image_fresh'],
  },
  deploy: { next: 'done', role: 'deployer', artifacts: ['14-deploy-log.md'], gates: () => ['check_deploy_status'] },
};

export function isWorkingStage(stage: Stage): stage is WorkingStage {
  return stage in STAGE_TABLE;
}

/** Only a verdict on code sends back; before there is any, going to development would be a way around the gates. */
export function judgesCode(stage: Stage): boolean {
  return stage !== 'analysis' && stage !== 'architecture';
}

/** Code runs a configured hook; without one the deployer agent does the stage (AG-10, AG-11). */
export function performerOf(stage: WorkingStage, project: ProjectPolicy): Performer {
  if (stage === 'deploy-staging' && project.stagingHook) return 'staging-hook';
  if (stage === 'deploy' && project.productionHook) return 'production-hook';
  return 'agent';
}

/** Gates that only a person or the pipeline itself can answer; no effect ever reads the world for them. */
export const HUMAN_GATES: readonly Gate[] = ['check_analysis_approved'];

/** Gates whose answer the forge tells by webhook as soon as it changes. */
export const FORGE_GATES: readonly Gate[] = ['check_ci_green', 'check_review_approved'];

/** Three retries after the first run; the fourth return escalates (UNK-04, RB-01). */
export const MAX_DEVELOPER_RETRIES = 3;
