import { setTimeout as pause } from 'node:timers/promises';
import { runsUnderWay } from './processes.mjs';

/** The share of kills that hit the orchestrator. */
const ORCHESTRATORS = 0.25;
/** How often a person cancels a task instead, whose agent has then to be stopped, and whose outcome comes too late. */
const CANCELLATIONS = 0.08;

/** Kills an agent, a supervisor or the orchestrator, whoever the dice name, again and again, and starts the last one anew. */
export class Killer {
  #kills = [];
  #isOver = false;
  #killing = Promise.resolve();

  constructor(service, { seed, everyMs }) {
    this.service = service;
    this.everyMs = everyMs;
    this.random = randomFrom(seed);
  }

  start() {
    this.#killing = this.#killAgainAndAgain();
  }

  async stop() {
    this.#isOver = true;
    await this.#killing;
    return this.#kills;
  }

  async #killAgainAndAgain() {
    while (!this.#isOver) {
      await pause(this.everyMs);
      if (!this.#isOver) await this.#killSomething();
    }
  }

  async #killSomething() {
    const runs = runsUnderWay(this.service.dataDir);
    const alive = ['agent', 'supervisor'].flatMap((kind) =>
      runs.filter((run) => run[kind] !== null).map(({ runId, [kind]: { pid } }) => ({ kind, runId, pid })),
    );
    if (alive.length === 0) return undefined;
    if (this.random() < CANCELLATIONS) return this.service.cancelOne(this.random());
    if (this.random() < ORCHESTRATORS) return this.#killOrchestrator();
    const { kind, runId, pid } = this.#oneOf(alive);
    try {
      process.kill(pid, 'SIGKILL');
      this.#kills.push({ kind, runId, at: Date.now() });
    } catch {
      // It ended between the look and the kill.
    }
    return undefined;
  }

  async #killOrchestrator() {
    await this.service.kill();
    this.#kills.push({ kind: 'orchestrator', runId: null, at: Date.now() });
    await this.service.start();
  }

  #oneOf(choices) {
    return choices[Math.floor(this.random() * choices.length)];
  }
}

/** Numbers in [0, 1) that the same seed always gives (mulberry32). */
export function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
