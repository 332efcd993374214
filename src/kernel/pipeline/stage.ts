/** The ten stages (AMB-02), in pipeline order; `cancelled` is a sink beside it. */
export const STAGES = [
  'created',
  'analysis',
  'architecture',
  'development',
  'review',
  'testing',
  'deploy-staging',
  'deploy',
  'done',
  'cancelled',
] as const;
export type Stage = (typeof STAGES)[number];

export const TERMINAL_STAGES: readonly Stage[] = ['done', 'cancelled'];

export function isTerminal(stage: Stage): boolean {
  return TERMINAL_STAGES.includes(stage);
}

/** Roles that an agent process plays (AG-01). */
export const ROLES = ['analyst', 'architect', 'developer', 'reviewer', 'tester', 'deployer'] as const;
export type Role = (typeof ROLES)[number];

/** The twelve checks of the registry (QG-01); the set is a contract. */
export const GATES = [
  'check_analysis_complete',
  'check_analysis_approved',
  'check_architecture_done',
  'check_ci_green',
  'check_tests_local',
  'check_reviewer_verdict',
  'check_review_approved',
  'check_tests_passed',
  'check_staging_status',
  'check_branch_mergeable',
  'check_staging_image_fresh',
  'check_deploy_status',
] as const;
export type Gate = (typeof GATES)[number];

/** Tracker statuses by logical key (UNK-03); names are remapped per project. */
export const STATUS_KEYS = [
  'backlog',
  'todo',
  'in_progress',
  'in_review',
  'approved',
  'rejected',
  'needs_input',
  'blocked',
  'confirm_deploy',
  'done',
  'cancelled',
] as const;
export type StatusKey = (typeof STATUS_KEYS)[number];
