import { describe, expect, test } from '@jest/globals';
import { overridesFrom } from '../../src/forensics/what-if/settings/overrides.js';
import type { Otherwise, WhatIfReport } from '../../src/forensics/what-if/report.js';
import { whatIf } from '../../src/forensics/what-if/what-if.js';
import type { RecordedEvent } from '../../src/kernel/event.js';
import { DEFAULT_POLICY } from '../support/policy.js';
import { INCIDENTS, type Incident } from './recording/incidents.js';
import { incident, inMemory } from './recording/log-text.js';

const URGENT: Incident = 'orch-116-holds-orch-123';
const ZOMBIE: Incident = 'zombie-deployer';
const REAPED: Incident = 'suspected-and-reaped';

async function asked(name: Incident, set: readonly string[], after = 0): Promise<WhatIfReport> {
  const log = await inMemory(await incident(name));
  const range = { after, until: await log.head() };
  return whatIf(log, { settings: overridesFrom(set).settings, range, policy: DEFAULT_POLICY });
}

function told({ number, command, workItem, counterfactual, follows }: Otherwise) {
  return `${number} ${command} ${workItem}: ${counterfactual.join('; ')}${follows === null ? '' : ` <- ${follows}`}`;
}

async function first(name: Incident, isMeant: (event: RecordedEvent) => boolean): Promise<RecordedEvent> {
  const [found] = (await incident(name)).filter(isMeant);
  if (!found) throw new TypeError(`${name} has no such event`);
  return found;
}

/** Numbers are positions, and another recording has others. */
async function jobOf(name: Incident, workItem: string, agent: string): Promise<number> {
  const { data } = await first(name, (event) => {
    const about = event.data as { readonly workItem?: string; readonly agent?: string };
    return event.type === 'JobQueued' && about.workItem === workItem && about.agent === agent;
  });
  return (data as { readonly jobId: number }).jobId;
}

describe('a paused predecessor that holds an urgent fix (ORCH-116, ORCH-123)', () => {
  test('with the pause layer on, the pause would have let the fix start at once, and nothing later would have had to', async () => {
    const { differences, unknown, settings } = await asked(URGENT, ['ORCH_SERIAL_GATE_PAUSE_ENABLED=true']);
    const paused = await first(URGENT, ({ type }) => type === 'TaskPaused');
    const job = await jobOf(URGENT, 'ORCH-123', 'analyst');
    expect(differences[0]).toMatchObject({ position: paused.position, kind: 'decision', follows: null });
    expect(differences[0]?.why).toBe('ORCH_SERIAL_GATE_PAUSE_ENABLED decides it');
    expect(differences.map(told)).toEqual([
      `1 PauseTask ORCH-116: Paused by operator:ivo; Admitted to analysis in orchestrator; Job ${job} may start`,
      `2 ClaimJob ORCH-123: job ${job} (analyst of ORCH-123) starts at ${paused.recordedAt} <- 1`,
      '3 RetireTask ORCH-116: Leaves the order of orchestrator <- 1',
    ]);
    expect(unknown).toEqual([expect.stringContaining(`What job ${job} (analyst of ORCH-123) would have done earlier`)]);
    expect(settings).toMatchObject([{ variable: 'ORCH_SERIAL_GATE_PAUSE_ENABLED', recorded: false, value: true }]);
  });

  test('changed only after the pause, the switch itself lets the fix go', async () => {
    const { position, recordedAt } = await first(URGENT, ({ type }) => type === 'TaskPaused');
    const { differences } = await asked(URGENT, ['ORCH_SERIAL_GATE_PAUSE_ENABLED=true'], position);
    expect(differences[0]).toMatchObject({ command: 'ReassessRepo', kind: 'asked', position: null, at: recordedAt });
    expect(differences[1]).toMatchObject({ command: 'ClaimJob', workItem: 'ORCH-123', at: recordedAt, follows: 1 });
  });

  test('fewer attempts fail the job sooner, and its second attempt is never claimed', async () => {
    const { differences } = await asked(URGENT, ['ORCH_JOB_MAX_ATTEMPTS=1']);
    const job = await jobOf(URGENT, 'ORCH-116', 'developer');
    const [queued] = differences.filter(({ stream }) => stream === `job-${job}`);
    const failed = differences.find(({ command }) => command === 'ReportRunEnded');
    const claim = differences.find(({ command }) => command === 'ClaimJob');
    expect(queued?.counterfactual).toEqual([`Job ${job} queued for developer (maxAttempts 1 instead of 2)`]);
    expect(failed?.counterfactual.at(-1)).toMatch(/^Job \d+ failed/);
    expect(failed?.follows).toBe(queued?.number);
    expect(claim).toMatchObject({ counterfactual: ['nothing: the job is failed'], follows: failed?.number });
  });

  test('a daily budget parks whatever would start once it is spent', async () => {
    const { differences, unknown } = await asked(URGENT, ['ORCH_BUDGET_DAY_USD=3']);
    expect(differences[0]?.counterfactual.at(-1)).toMatch(/^Budget of day 2026-03-02 reached/);
    expect(differences[1]).toMatchObject({ kind: 'claim', workItem: 'ORCH-116', follows: 1 });
    expect(differences[1]?.why).toMatch(/the budget of the day is spent/);
    expect(unknown).toContainEqual(expect.stringMatching(/^What became of ORCH-116 after .*5 later jobs/));
  });
});

describe('a zombie that holds every project', () => {
  test('with the reaper on, the ceiling ends it after an hour, it is tried again, and the other project goes ahead', async () => {
    const { differences, unknown, settings } = await asked(ZOMBIE, ['ORCH_REAPER_ENABLED=true']);
    expect(differences.map(({ command, workItem }) => `${command} ${workItem}`)).toEqual([
      'JudgeRun ORCH-065',
      'ReportRunStopped ORCH-065',
      'ClaimJob ORCH-065',
      'ClaimJob ET-050',
    ]);
    const job = await jobOf(ZOMBIE, 'ORCH-065', 'deployer');
    const claimed = await first(ZOMBIE, ({ type, stream }) => type === 'JobClaimed' && stream === `job-${job}`);
    expect(Date.parse(differences[0]?.at ?? '') - Date.parse(claimed.recordedAt)).toBe(3_600_000);
    expect(differences.map(({ follows }) => follows)).toEqual([null, 1, 2, 3]);
    expect(unknown[0]).toMatch(/^What job \d+ \(deployer of ORCH-065\) .* this start is not in the log/);
    expect(settings[0]?.beyond).toMatch(/whether a process was dead is not recorded/);
  });

  test('with a second slot the other project never waits', async () => {
    const { differences } = await asked(ZOMBIE, ['ORCH_MAX_CONCURRENCY=2']);
    const job = await jobOf(ZOMBIE, 'ET-050', 'analyst');
    const released = await first(ZOMBIE, ({ type, stream, data }) => {
      return type === 'JobReleased' && stream === 'admission-enduro-trails' && 'jobId' in data;
    });
    expect(differences.map(told)).toEqual([
      `1 ClaimJob ET-050: job ${job} (analyst of ET-050) starts at ${released.recordedAt}`,
    ]);
  });

  test('a deployer that is reaped at the first dead look starts again a minute sooner', async () => {
    const { differences } = await asked(REAPED, ['ORCH_REAPER_DEAD_TICKS=1']);
    const suspected = await first(REAPED, ({ type }) => type === 'JobSuspected');
    expect(differences[0]).toMatchObject({ position: suspected.position, follows: null });
    expect(differences[0]?.counterfactual).toEqual([expect.stringMatching(/^Job \d+ reaped/)]);
    const claim = differences.find(({ command }) => command === 'ClaimJob');
    const again = await first(
      REAPED,
      ({ type, data }) => type === 'JobClaimed' && 'attempt' in data && data.attempt === 2,
    );
    const soonerMs = Date.parse(again.recordedAt) - Date.parse(claim?.at ?? '');
    expect(soonerMs).toBeGreaterThan(55_000);
    expect(soonerMs).toBeLessThan(65_000);
  });

  test('with the reaper off its looks would not have been, and the slot stays taken', async () => {
    const { differences, unknown } = await asked(REAPED, ['ORCH_REAPER_ENABLED=false']);
    expect(differences.filter(({ kind }) => kind === 'not-asked')).toHaveLength(2);
    expect(differences.at(-1)).toMatchObject({ kind: 'claim', workItem: 'ET-052' });
    expect(unknown[0]).toMatch(/^What became of ET-052/);
  });
});

describe('settings', () => {
  test.each(Object.keys(INCIDENTS) as Incident[])('as they were change nothing in %s', async (name) => {
    const recorded = { [URGENT]: 'false', [ZOMBIE]: 'true', [REAPED]: 'true' }[name];
    const reaper = name === ZOMBIE ? 'false' : 'true';
    const report = await asked(name, [
      ...[`ORCH_SERIAL_GATE_PAUSE_ENABLED=${recorded}`, `ORCH_REAPER_ENABLED=${reaper}`],
      ...['ORCH_MAX_CONCURRENCY=1', 'ORCH_JOB_MAX_ATTEMPTS=2', 'ORCH_REAPER_DEAD_TICKS=2'],
    ]);
    expect(report).toMatchObject({ differences: [], unknown: [], notReproducible: 0 });
  });

  test('that no decision reads say so', async () => {
    const report = await asked(URGENT, ['ORCH_REAPER_INTERVAL_S=5']);
    expect(report.differences).toEqual([]);
    expect(report.settings).toMatchObject([{ reads: 0, beyond: expect.stringMatching(/how often somebody looks/) }]);
    expect(overridesFrom(['ORCH_PORT=1']).unread).toMatchObject([{ variable: 'ORCH_PORT' }]);
  });

  test.each([
    ['ORCH_PROT=1', /^ORCH_PROT is no setting \(did you mean ORCH_PORT\?\)$/],
    ['ORCH_MAX_CONCURRENCY=many', /^ORCH_MAX_CONCURRENCY: given "many", allowed: a whole number from 1 to 64$/],
    ['ORCH_MAX_CONCURRENCY', /^'ORCH_MAX_CONCURRENCY' is not of the form NAME=value/],
  ])('%s is refused in one sentence', (set, sentence) => {
    expect(() => overridesFrom([set])).toThrow(sentence);
  });
});
