import { describe, expect, test } from '@jest/globals';
import { DECIDERS } from '../../src/commands/deciders.js';
import { ReportChange } from '../../src/domain/source/commands.js';
import { jobDecider } from '../../src/domain/job/decide.js';
import type { EventLog } from '../../src/event-log/event-log.js';
import { verifyDecisions, type DecisionReport } from '../../src/forensics/decisions/verify-decisions.js';
import type { AnyDecider } from '../../src/kernel/decider.js';
import type { RecordedEvent } from '../../src/kernel/event.js';
import { SAGAS } from '../../src/sagas/every-saga.js';
import type { Saga } from '../../src/sagas/saga.js';
import { DEFAULT_POLICY } from '../support/policy.js';
import { INCIDENTS, type Incident } from './recording/incidents.js';
import { Recording } from './recording/recording.js';
import { incident, inMemory } from './recording/log-text.js';

const NAMES = Object.keys(INCIDENTS) as Incident[];
const ZOMBIE = 'zombie-deployer';

interface Rules {
  readonly deciders?: readonly AnyDecider[];
  readonly sagas?: readonly Saga[];
}

async function verified(events: readonly RecordedEvent[], rules: Rules = {}): Promise<DecisionReport> {
  return verifyDecisions(await inMemory(events), { policy: DEFAULT_POLICY, ...rules });
}

/** A log that has lost one event and kept the positions of all others. */
async function lacking(events: readonly RecordedEvent[], lost: RecordedEvent): Promise<EventLog> {
  const log = await inMemory(events);
  const readAll = log.readAll.bind(log);
  log.readAll = async (options) => (await readAll(options)).filter(({ id }) => id !== lost.id);
  return log;
}

describe('deciding again', () => {
  test.each(NAMES)('%s comes to the same decisions and the same saga commands', async (name) => {
    const events = await incident(name);
    const report = await verified(events);
    expect(report.findings).toEqual([]);
    expect(report.open).toEqual([]);
    expect(report.passedOver).toBe(0);
    const ids = new Set(events.map(({ stream, metadata }) => `${stream} ${metadata.commandId}`));
    expect(report.decisions).toBe(ids.size);
    expect(report.settingsRecorded).toBe(true);
  });

  test('names the decision that a broken decider takes otherwise, with both values and their place', async () => {
    const forgetful: AnyDecider = {
      ...jobDecider,
      decide: (command, state, policy) =>
        jobDecider.decide(command, state, { ...policy, jobs: { ...policy.jobs, maxAttempts: 7 } }),
    };
    const deciders = DECIDERS.map((decider) => (decider.category === 'job' ? forgetful : decider));
    const events = await incident(ZOMBIE);
    const { findings } = await verified(events, { deciders });
    const queued = events.filter(({ type }) => type === 'JobQueued');
    expect(findings.map(({ position }) => position)).toEqual(queued.map(({ position }) => position));
    expect(findings[0]).toMatchObject({
      ...{ kind: 'decision', stream: queued[0]?.stream, command: 'QueueJob', workItem: 'ORCH-065' },
      difference: { path: 'JobQueued.maxAttempts', recorded: 2, computed: 7 },
    });
  });

  test('shows what a decider that throws says, and goes on', async () => {
    const broken: AnyDecider = { ...jobDecider, decide: () => JSON.parse('{') as never };
    const deciders = DECIDERS.map((decider) => (decider.category === 'job' ? broken : decider));
    const events = await incident(ZOMBIE);
    const { findings, decisions } = await verified(events, { deciders });
    const ofJobs = events.filter(({ stream, metadata }) => stream.startsWith('job-') && metadata.command);
    expect(findings).toHaveLength(ofJobs.length);
    expect(String(findings[0]?.difference?.computed)).toMatch(/^fault: .*JSON/);
    expect(decisions).toBeGreaterThan(findings.length);
  });

  test('names a saga command that is another one now', async () => {
    const sagas = SAGAS.map((saga) => (saga.name === 'pipeline' ? impolite(saga) : saga));
    const events = await incident(ZOMBIE);
    const { findings } = await verified(events, { sagas });
    const [first] = events.filter(({ type }) => type === 'JobQueued');
    expect(findings.length).toBeGreaterThan(0);
    expect(findings[0]).toMatchObject({ kind: 'saga-command', position: first?.position, saga: 'pipeline' });
    expect(findings[0]?.difference).toMatchObject({ path: 'payload.feedback.0', computed: 'hurry up' });
  });

  test('names a command of a saga that no saga gives any more', async () => {
    const sagas = SAGAS.map((saga) => (saga.name === 'breaker' ? { ...saga, react: () => [] } : saga));
    const { findings } = await verified(await incident(ZOMBIE), { sagas });
    // Agents that answer leave no event of the breaker, so that only the other saga is missed.
    expect(findings).toEqual([]);
    const silent = SAGAS.filter(({ name }) => name !== 'notifier');
    const missed = await verified(await incident(ZOMBIE), { sagas: [...silent, { ...notifier(), react: () => [] }] });
    expect(new Set(missed.findings.map(({ kind }) => kind))).toEqual(new Set(['saga-unknown']));
    expect(missed.findingsTotal).toBe(
      (await incident(ZOMBIE)).filter(({ type }) => type === 'NotificationRequested').length,
    );
  });

  test('names a reaction without outcome when later ones of the saga are through', async () => {
    const events = await incident(ZOMBIE);
    const [lost] = events.filter(({ type }) => type === 'NotificationRequested') as [RecordedEvent];
    const { findings, open } = await verifyDecisions(await lacking(events, lost), { policy: DEFAULT_POLICY });
    const because = events.find(({ id }) => id === lost.metadata.$causationId);
    expect(findings).toMatchObject([{ kind: 'saga-lost', stream: lost.stream, command: 'RequestNotification' }]);
    expect(findings[0]?.at).toBe(because?.recordedAt);
    expect(open).toEqual([]);
  });

  test('comes to the same of what polls found, whenever it was recorded', async () => {
    const recording = new Recording('2026-03-02T09:00:00.000Z', DEFAULT_POLICY);
    for (const change of [7, 8, 9]) {
      const payload = { source: 'plane', subject: 'ET-001', change, via: 'poll', delayMs: null } as const;
      await recording.wish(ReportChange, 'source-plane', payload);
    }
    const [missed] = await recording.log.readAll({ types: ['WebhooksMissed'] });
    expect(missed?.data).toMatchObject({ missed: 3 });
    const { findings } = await verifyDecisions(recording.log, { policy: DEFAULT_POLICY });
    expect(findings).toEqual([]);
  });

  test('a reaction to the newest event is open and no difference: the saga may not have come that far', async () => {
    const events = await incident(ZOMBIE);
    const asked = events.findLastIndex(({ type }) => type === 'ApprovalRequested');
    const { findings, open } = await verified(events.slice(0, asked + 1));
    expect(findings).toEqual([]);
    expect(open.map(({ saga, command }) => `${saga} ${command.type}`)).toEqual(
      Array.from({ length: 3 }, () => 'notifier RequestNotification'),
    );
  });
});

function notifier(): Saga {
  const [found] = SAGAS.filter(({ name }) => name === 'notifier');
  if (!found) throw new TypeError('There is no notifier');
  return found;
}

function impolite(saga: Saga): Saga {
  return {
    ...saga,
    react: (event, policy) =>
      saga.react(event, policy).map((command) => (context) => {
        const given = command(context);
        return { ...given, payload: { ...given.payload, feedback: ['hurry up'] } };
      }),
  };
}
