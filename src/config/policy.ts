import type { Policy, ProjectPolicy } from '../kernel/pipeline/policy.js';
import type { Config } from './config.js';
import type { Project } from './projects.js';

/** The settings that decisions may depend on; recorded in the log, so nothing secret and no address is among them. */
export function policyOf(config: Config): Policy {
  const { jobs, serialGate, reaper, reconcile, merge, postDeploy, budget, agent, deploy } = config;
  return {
    maxConcurrency: config.queue.maxConcurrency,
    jobs,
    serialGate,
    deploy: {
      selfHostingRepo: deploy.selfHostingRepo,
      requireManualApprove: deploy.requireManualApprove,
      timeoutS: deploy.timeoutS,
      stagingInfraToleranceEnabled: config.staging.infraToleranceEnabled,
    },
    agent: {
      timeoutS: agent.timeoutS,
      timeoutOverridesS: agent.timeoutOverridesS,
      killGraceS: agent.killGraceS,
    },
    reaper,
    reconcile,
    merge,
    postDeploy,
    budget,
    projects: config.projects.map(projectPolicyOf),
  };
}

function projectPolicyOf(project: Project): ProjectPolicy {
  const { repo, prefix, planeProjectId, defaultBranch, ci, review, artifacts, statusNames } = project;
  return {
    repo,
    prefix,
    planeProjectId,
    defaultBranch,
    ci,
    review,
    artifacts,
    statusNames,
    stagingHook: project.staging.command !== null,
    productionHook: project.production.command !== null,
    confirm: project.production.confirm,
    productionHealth: project.production.healthUrl !== null,
    productionRollback: project.production.rollbackCommand !== null,
  };
}
