import { Board } from '../../../dist/queue/board.js';

const JOBS = [10, 1_000, 100_000];
const REPOS = [1, 100, 1_000];
const ROUNDS = 3_000;
const AIM_MS = 0.2;

/** A backlog: in every repository one task is at work, and the analyses of all the others are held behind it. */
class Backlog {
  board = new Board();
  #position = 0;
  #jobs = 0;
  #tasks = 0;
  #held = new Map();

  constructor(jobs, repos) {
    this.repos = Math.min(repos, jobs);
    for (let index = 0; index < jobs; index += 1) this.#hold(`repo-${index % this.repos}`);
  }

  /** The task at work in a repository needs its next agent. */
  nextStage(round) {
    return this.#queue(`repo-${round % this.repos}`, 'developer');
  }

  /** The task at work has ended: the next analysis is let in, and a new one joins the line. */
  nextTask(round) {
    const repo = `repo-${round % this.repos}`;
    const job = this.#held.get(repo).shift();
    this.#hold(repo);
    this.tell('JobReleased', job);
    return job;
  }

  tell(type, job) {
    this.#position += 1;
    this.board.apply({ type, data: job, position: this.#position });
  }

  #hold(repo) {
    const job = this.#queue(repo, 'analyst');
    this.tell('JobHeld', job);
    this.#held.set(repo, [...(this.#held.get(repo) ?? []).slice(-3), job]);
  }

  #queue(repo, agent) {
    this.#jobs += 1;
    this.#tasks += 1;
    const job = { jobId: this.#jobs, taskId: this.#tasks, workItem: `IT-${this.#tasks}`, repo, agent };
    this.tell('JobQueued', job);
    return job;
  }
}

export function printDecisions(print) {
  print('One claim decision, nearly all jobs held behind active tasks (nominate the next job and fold its claim)');
  for (const jobs of JOBS) {
    for (const repos of REPOS) print(describe(jobs, repos, measure(jobs, repos)));
  }
}

function measure(jobs, repos) {
  const backlog = new Backlog(jobs, repos);
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const expected = round % 4 === 0 ? backlog.nextTask(round) : backlog.nextStage(round);
    const start = performance.now();
    const taken = backlog.board.take(round);
    backlog.tell('JobClaimed', expected);
    times.push(performance.now() - start);
    if (taken?.id !== expected.jobId) throw new Error(`Job ${taken?.id} was nominated instead of ${expected.jobId}`);
    backlog.tell('JobSucceeded', expected);
  }
  return times.sort((one, other) => one - other);
}

function describe(jobs, repos, times) {
  const of = `${String(jobs).padStart(7)} jobs, ${String(Math.min(repos, jobs)).padStart(5)} repositories`;
  const [middle, late] = [0.5, 0.99].map((part) => times[Math.floor(times.length * part)]);
  const verdict = late <= AIM_MS ? 'reached' : 'MISSED';
  return `  ${of}  median ${(middle * 1000).toFixed(1).padStart(5)} µs, p99 ${(late * 1000).toFixed(1).padStart(6)} µs (aim ${AIM_MS} ms: ${verdict})`;
}
