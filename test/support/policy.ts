import type { Policy, ProjectPolicy } from '../../src/kernel/pipeline/policy.js';

/** A project without hooks that asks nobody: every stage is an agent's. */
export const AGENT_PROJECT: ProjectPolicy = {
  repo: 'enduro-trails',
  prefix: 'ET',
  planeProjectId: 'project-et',
  defaultBranch: 'main',
  ci: 'forge',
  review: 'artifact',
  stagingHook: false,
  productionHook: false,
  confirm: 'auto',
  artifacts: 'branch',
  productionHealth: false,
  productionRollback: false,
  statusNames: {},
};

/** The self-hosting project: hooks deploy it, and a person confirms production. */
export const SELF_HOSTING_PROJECT: ProjectPolicy = {
  ...AGENT_PROJECT,
  repo: 'orchestrator',
  prefix: 'ORCH',
  planeProjectId: 'project-orch',
  stagingHook: true,
  productionHook: true,
  confirm: 'human',
};

/** The settings that the contract names as defaults. */
export const DEFAULT_POLICY: Policy = {
  maxConcurrency: 1,
  jobs: { maxAttempts: 2, backoffBaseS: 30, transientMaxAttempts: 8, breakerProbeS: 60 },
  serialGate: { enabled: true, repos: [], freezeEnabled: true, pauseEnabled: true, dependenciesEnabled: true },
  deploy: {
    selfHostingRepo: 'orchestrator',
    requireManualApprove: true,
    timeoutS: 900,
    stagingInfraToleranceEnabled: true,
  },
  agent: { timeoutS: 1800, timeoutOverridesS: {}, killGraceS: 10 },
  reaper: {
    enabled: true,
    intervalS: 60,
    deadTicks: 2,
    maxRunningS: 3600,
    finalizeGraceS: 300,
    leaseReclaimEnabled: true,
  },
  reconcile: {
    enabled: true,
    planeEnabled: true,
    intervalS: 60,
    graceDefaultS: 600,
    graceOverridesS: {},
    notifyUnblock: true,
    skipBlockedEnabled: true,
    confirmEnabled: true,
  },
  merge: { gateEnabled: true, gateRepos: [], lockTimeoutS: 300 },
  postDeploy: { enabled: true, repos: [], windowS: 900, intervalS: 30, failThreshold: 3, autoRollback: false },
  budget: { taskUsd: 0, dayUsd: 0 },
  projects: [AGENT_PROJECT, SELF_HOSTING_PROJECT],
};

export type PolicyOverrides = {
  readonly [Key in keyof Policy]?: Policy[Key] extends readonly unknown[] | number ? Policy[Key] : Partial<Policy[Key]>;
};

/** The defaults with some settings changed; a group is changed setting by setting, a list as a whole. */
export function policyWith(overrides: PolicyOverrides): Policy {
  const groups = Object.entries(overrides).map(([key, value]) => {
    const before = DEFAULT_POLICY[key as keyof Policy];
    return [key, isGroup(before) && isGroup(value) ? { ...before, ...value } : value];
  });
  return { ...DEFAULT_POLICY, ...(Object.fromEntries(groups) as Partial<Policy>) };
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
