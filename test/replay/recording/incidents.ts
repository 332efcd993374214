import { CancelTask } from '../../../src/domain/task/commands.js';
import { PauseTask, ResumeTask } from '../../../src/domain/admission/commands.js';
import { ReportRunStopped } from '../../../src/domain/job/commands.js';
import type { RunEvidence } from '../../../src/domain/job/judge.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { AGENT_PROJECT, policyWith, SELF_HOSTING_PROJECT } from '../../support/policy.js';
import { Office } from './office.js';
import { Recording, type Place } from './recording.js';

/** Each incident is a story that is told to the real deciders and sagas; what they make of it is the recorded log. */
export const INCIDENTS = {
  'orch-116-holds-orch-123': pausedPredecessor,
  'zombie-deployer': zombieDeployer,
  'suspected-and-reaped': suspectedAndReaped,
} as const;

export type Incident = keyof typeof INCIDENTS;

const AGENTS_ONLY = { ...SELF_HOSTING_PROJECT, stagingHook: false, productionHook: false };

/**
 * ORCH-116 stands in development and is parked by hand for the evening; ORCH-123, the urgent fix, is behind it in the same
 * repository. The pause layer was switched off, so the pause parks nobody's claim on the order.
 */
async function pausedPredecessor(place?: Place): Promise<Recording> {
  const off = { serialGate: gateWithout('pauseEnabled') };
  const { recording, office } = begin('2026-03-02T09:00:00.000Z', off, place);
  await recording.start();
  await office.moves('mara', 'ORCH-116', 'in_progress', 'Watch production after a deploy');
  office.minutes(18);
  await office.delivers('ORCH-116');
  office.minutes(31);
  await office.moves('mara', 'ORCH-116', 'approved');
  office.minutes(12);
  await office.delivers('ORCH-116');
  office.at('2026-03-02T10:25:00.000Z');
  await office.fails('ORCH-116', NO_CREDENTIALS);
  office.minutes(3);
  await office.fails('ORCH-116', NO_CREDENTIALS);
  office.at('2026-03-02T11:02:00.000Z');
  await office.moves('ivo', 'ORCH-123', 'in_progress', 'Urgent: deploys of two repositories collide');
  office.minutes(9);
  await pause({ recording, office }, 'ORCH-116');
  office.at('2026-03-02T15:38:00.000Z');
  await resume({ recording, office }, 'ORCH-116');
  office.minutes(2);
  await office.moves('mara', 'ORCH-116', 'in_progress');
  office.minutes(25);
  for (let stage = 0; stage < 5; stage += 1) {
    await office.delivers('ORCH-116');
    office.minutes(6);
  }
  await office.moves('mara', 'ORCH-116', 'cancelled');
  office.minutes(20);
  await office.delivers('ORCH-123');
  return recording;
}

const NO_CREDENTIALS = {
  class: 'configuration',
  transient: false,
  reason: 'the health address of production answers 401',
  resetsAt: null,
};

interface Scene {
  readonly recording: Recording;
  readonly office: Office;
}

async function pause({ recording, office }: Scene, workItem: string): Promise<void> {
  await recording.wish(PauseTask, ADMISSION, office.taskOf(workItem), byIvo(workItem));
  await office.settle();
}

async function resume({ recording, office }: Scene, workItem: string): Promise<void> {
  await recording.wish(ResumeTask, ADMISSION, office.taskOf(workItem), byIvo(workItem));
  await office.settle();
}

const ADMISSION = 'admission-orchestrator';

function byIvo(workItem: string) {
  return { actor: 'operator:ivo', correlationId: workItem };
}

/**
 * The deployer of ORCH-065 dies with the service that it deploys, without an exit record. With the reaper switched off its job
 * stays running for hours and, at one agent at a time, holds every project.
 */
async function zombieDeployer(place?: Place): Promise<Recording> {
  const { recording, office } = begin('2026-03-05T07:30:00.000Z', { reaper: { enabled: false } }, place);
  await recording.start();
  await toDeployStaging(office, 'ORCH-065', 'Reap zombie jobs');
  office.at('2026-03-05T10:12:00.000Z');
  await office.moves('lena', 'ET-050', 'in_progress', 'Show the height profile of a trail');
  office.at('2026-03-05T13:48:00.000Z');
  const [cancelled] = await recording.wish(
    CancelTask,
    `task-${office.taskOf('ORCH-065').taskId}`,
    { by: 'operator:ivo', reason: 'its deployer is a zombie' },
    { actor: 'operator:ivo', correlationId: 'ORCH-065' },
  );
  const { stream, data } = office.claimOf('ORCH-065');
  recording.nowMs += 4_000;
  const because = { correlationId: 'ORCH-065', causationId: cancelled?.id ?? null };
  await recording.wish(ReportRunStopped, stream, { runId: data.runId }, because);
  await office.settle();
  office.minutes(21);
  await office.delivers('ET-050');
  return recording;
}

/** The same death with the reaper on: one look suspects, the next one reaps, and the second attempt goes on. */
async function suspectedAndReaped(place?: Place): Promise<Recording> {
  const { recording, office } = begin('2026-03-09T07:30:00.000Z', {}, place);
  await recording.start();
  await toDeployStaging(office, 'ORCH-071', 'Keep leases short');
  office.minutes(4);
  await office.moves('lena', 'ET-052', 'in_progress', 'Export a trail');
  office.minutes(1);
  const { stream, data } = office.claimOf('ORCH-071');
  await office.reaperLooks('ORCH-071', DEAD);
  office.minutes(1);
  await office.reaperLooks('ORCH-071', DEAD);
  recording.nowMs += 3_000;
  await recording.wish(ReportRunStopped, stream, { runId: data.runId }, { correlationId: 'ORCH-071' });
  await office.settle();
  office.minutes(6);
  await office.delivers('ORCH-071');
  return recording;
}

const DEAD: RunEvidence = { process: 'dead', pid: 4711, exit: null };

/** Five stages of work, each by its agent. */
async function toDeployStaging(office: Office, workItem: string, title: string): Promise<void> {
  await office.moves('mara', workItem, 'in_progress', title);
  office.minutes(14);
  await office.delivers(workItem);
  await office.moves('mara', workItem, 'approved');
  for (let stage = 0; stage < 4; stage += 1) {
    office.minutes(20);
    await office.delivers(workItem);
  }
}

function begin(at: string, overrides: Parameters<typeof policyWith>[0], place?: Place) {
  const policy = policyWith({ ...overrides, projects: [AGENT_PROJECT, AGENTS_ONLY] });
  const recording = new Recording(at, policy, place);
  return { recording, office: new Office(recording) };
}

function gateWithout(part: 'pauseEnabled'): Partial<Policy['serialGate']> {
  return { [part]: false };
}
