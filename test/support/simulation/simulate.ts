import { createHash } from 'node:crypto';
import { RecordSettings } from '../../../src/domain/settings/commands.js';
import type { Policy, ProjectPolicy } from '../../../src/kernel/pipeline/policy.js';
import { AGENT_PROJECT, policyWith } from '../policy.js';
import { Agents } from './agents.js';
import { LogFile } from './log-file.js';
import { Machinery } from './machinery.js';
import { People } from './people.js';
import type { Sink } from './simulated-log.js';
import { Simulation } from './simulation.js';

export interface SimulationOptions {
  /** The log ends with the step that reaches this length. */
  readonly events: number;
  readonly seed?: number;
  readonly policy?: Policy;
}

const REPOS = ['shop', 'basket', 'search', 'payments', 'stock', 'mails', 'reports', 'orchestrator'] as const;

export const SIMULATED_POLICY: Policy = policyWith({ maxConcurrency: 6, projects: REPOS.map(projectOf) });

/** Months of a busy installation, decided by the real deciders and sagas: the same seed gives the same events. */
export async function simulate(sink: Sink, options: SimulationOptions): Promise<Simulation> {
  const policy = options.policy ?? SIMULATED_POLICY;
  const simulation = new Simulation(sink, options.seed ?? 1, policy);
  new Agents(simulation);
  new Machinery(simulation);
  new People(simulation);
  const hash = createHash('sha256').update(JSON.stringify(policy)).digest('hex');
  const settings = { values: policy, hash, version: '0.1.0' };
  await simulation.wish(RecordSettings, 'settings', settings, { actor: 'system', correlationId: 'settings' });
  await simulation.run(options.events);
  return simulation;
}

/** The same as a log file; answers how many events it has. */
export async function simulateLogFile(path: string, options: SimulationOptions): Promise<number> {
  const file = await LogFile.create(path);
  try {
    return (await simulate(file, options)).log.head;
  } finally {
    await file.close();
  }
}

function projectOf(repo: string, index: number): ProjectPolicy {
  const hooks = index % 2 === 1;
  return {
    ...AGENT_PROJECT,
    repo,
    prefix: repo.toUpperCase().slice(0, 6),
    planeProjectId: `project-${repo}`,
    stagingHook: hooks,
    productionHook: hooks,
    confirm: index === REPOS.length - 1 ? 'human' : 'auto',
  };
}
