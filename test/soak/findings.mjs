import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyChain } from '../../dist/event-log/sqlite/verify/verify.js';

const ENDS = ['JobSucceeded', 'JobFailed', 'JobCancelled'];

/** Everything that must not be, as sentences; none is what a soak is for. */
export async function violationsOf(events, { service, kills, jobs }) {
  const verification = await verifyChain(service.logPath);
  return [
    ...(verification.intact ? [] : [`the log does not verify: ${JSON.stringify(verification)}`]),
    ...doubleEnds(events, jobs),
    ...doubleOutcomes(events),
    ...oldOutcomes(events),
    ...doubleStarts(service.folder),
    ...liveRunsTakenForDead(events, kills),
  ];
}

function doubleEnds(events, jobs) {
  const ends = countBy(events.filter(({ type }) => ENDS.includes(type)).map(({ stream }) => stream));
  const missing = ends.size === jobs ? [] : [`${ends.size} of ${jobs} jobs have ended`];
  return [...missing, ...overOne(ends, 'ended')];
}

/** One outcome for every fence, one end for every run. */
function doubleOutcomes(events) {
  const outcomes = events.filter(({ type }) => ['JobSucceeded', 'JobFailed', 'JobRequeued'].includes(type));
  const ended = events.filter(({ type }) => type === 'RunEnded').map(({ data }) => `run ${data.runId}`);
  return [
    ...overOne(countBy(outcomes.map(({ stream, data }) => `${stream} fence ${data.fence}`)), 'came to an outcome'),
    ...overOne(countBy(ended), 'ended'),
  ];
}

/** What is accepted carries the fence of the newest claim before it. */
function oldOutcomes(events) {
  const fences = new Map();
  return events.flatMap(({ type, stream, revision, data }) => {
    if (type === 'JobClaimed') fences.set(stream, revision);
    const isOutcome = ['RunStarted', 'RunEnded', 'JobSucceeded', 'JobRequeued', 'JobFailed'].includes(type);
    const isOld = isOutcome && data.fence !== fences.get(stream);
    return isOld ? [`${type} of ${stream} was accepted with the old fence ${data.fence}`] : [];
  });
}

/** The agents' own notes: each run says hello once, and never beside another one of its work item. */
function doubleStarts(folder) {
  const file = join(folder, 'agents');
  const notes = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const overlaps = notes.filter((note) => note.startsWith('overlap')).map((note) => `two agents at once: ${note}`);
  const starts = notes.filter((note) => note.startsWith('start')).map((note) => note.split(' ')[2]);
  return [...overlaps, ...overOne(countBy(starts), 'was started')];
}

/** Only a supervisor that was killed leaves no exit record; only a run without one is lost or reaped as dead. */
function liveRunsTakenForDead(events, kills) {
  const killed = new Set(kills.filter(({ kind }) => kind === 'supervisor').map(({ runId }) => runId));
  const taken = events.filter(
    ({ type, data }) =>
      (type === 'RunEnded' && data.failure?.class === 'orphaned') || (type === 'JobReaped' && data.tier === 'dead'),
  );
  return taken
    .filter(({ data }) => !killed.has(data.runId))
    .map(({ type, data }) => `${type} of run ${data.runId}, of which nobody was killed`);
}

/** From a kill to the first event that says so, in milliseconds; apart where the orchestrator was killed in between. */
export function detectionsOf(events, kills) {
  const noticed = new Map();
  for (const { type, data, recordedAt } of events)
    if (['RunEnded', 'JobSuspected', 'JobReaped'].includes(type) && !noticed.has(data.runId))
      noticed.set(data.runId, Date.parse(recordedAt));
  const found = kills
    .filter(({ runId, at }) => runId !== null && noticed.has(runId) && noticed.get(runId) >= at)
    .map(({ kind, runId, at }) => ({ kind, runId, at, until: noticed.get(runId), ms: noticed.get(runId) - at }));
  const isApart = ({ at, until }) =>
    kills.some((kill) => kill.kind === 'orchestrator' && kill.at > at - 2_000 && kill.at < until);
  const watched = found.filter((detection) => !isApart(detection));
  const of = (kind) => summary(watched.filter((detection) => detection.kind === kind));
  return {
    'noticed, agents (ms)': of('agent'),
    'noticed, supervisors (ms)': of('supervisor'),
    'noticed after a restart in between (ms)': summary(found.filter(isApart)),
  };
}

function summary(detections) {
  const all = [...detections].sort((a, b) => a.ms - b.ms);
  const slowest = all.at(-1) ?? null;
  return { count: all.length, median: all[Math.floor(all.length / 2)]?.ms ?? null, max: slowest?.ms ?? null, slowest };
}

function countBy(names) {
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function overOne(counts, what) {
  return [...counts].filter(([, count]) => count > 1).map(([name, count]) => `${name} ${what} ${count} times`);
}
