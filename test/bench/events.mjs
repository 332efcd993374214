import { randomUUID } from 'node:crypto';

/** About 350 bytes of data and metadata, as an event of a job has. */
export function newEvent(number) {
  return {
    id: randomUUID(),
    type: ['JobQueued', 'JobClaimed', 'JobStarted', 'JobCompleted'][number % 4],
    data: { jobId: number, repo: 'enduro-trails', role: 'developer', stage: 'development', note: 'x'.repeat(40) },
    metadata: {
      $correlationId: `ET-${String(number % 500).padStart(3, '0')}`,
      $causationId: randomUUID(),
      actor: 'system',
      schemaVersion: 1,
      commandId: randomUUID(),
    },
  };
}

/** Hands out the next events of a set of streams in turn, so that both sides of a comparison write alike. */
export class StreamWriter {
  #written = 0;
  #revisions;

  constructor(streams) {
    this.#revisions = Array.from({ length: streams }, () => -1);
  }

  /** What the next append to the next stream is: `{stream, expected, first, events}`. */
  next(count) {
    const index = this.#written % this.#revisions.length;
    const last = this.#revisions[index];
    this.#revisions[index] += count;
    this.#written += 1;
    const events = Array.from({ length: count }, (_, offset) => newEvent(this.#written * count + offset));
    return { stream: `job-${index}`, expected: last === -1 ? 'no-stream' : last, first: last + 1, events };
  }
}

export function median(numbers) {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)];
}
