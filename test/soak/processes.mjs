import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from '../../dist/queue/supervisor/process-identity.js';

const GONE_WITHIN_MS = 15_000;

/** The runs that are under way by their folders: who is alive of them, by identity. */
export function runsUnderWay(dataDir) {
  return namesIn(join(dataDir, 'runs')).flatMap((runId) => {
    const directory = join(dataDir, 'runs', runId);
    const record = readJson(join(directory, 'proc.json'));
    if (record === null || readJson(join(directory, 'exit.json')) !== null) return [];
    return [{ runId, agent: aliveOrNull(record.process), supervisor: aliveOrNull(record.supervisor) }];
  });
}

/** Whoever still carries a run's tag or runs from the folder, after a time in which a last sweep may end. */
export async function leftBehind(folder, events) {
  const runs = new Set(events.filter(({ type }) => type === 'JobClaimed').map(({ data }) => data.runId));
  const deadline = performance.now() + GONE_WITHIN_MS;
  let left = processesOf(folder, runs);
  while (left.length > 0 && performance.now() < deadline) {
    await pause(100);
    left = processesOf(folder, runs);
  }
  return left.map(({ pid, words }) => `process ${pid} is left: ${words}`);
}

function processesOf(folder, runs) {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => ({ pid, words: wordsOf(pid), tag: tagOf(pid) }))
    .filter(({ words, tag }) => words.includes(folder) || runs.has(tag));
}

function wordsOf(pid) {
  return textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function tagOf(pid) {
  return /(?:^|\0)ORCH_RUN_ID=([^\0]*)/.exec(textOf(`/proc/${pid}/environ`))?.[1] ?? '';
}

function aliveOrNull(identity) {
  return identity && isAlive(identity) === 'alive' ? identity : null;
}

function namesIn(directory) {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function readJson(path) {
  const text = textOf(path);
  return text === '' ? null : JSON.parse(text);
}

function textOf(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
