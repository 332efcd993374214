import type { Expected } from './event-log.js';

/** Somebody was first. Retried in `commands/transact.ts` and nowhere else. */
export class VersionConflict extends Error {
  constructor(
    readonly stream: string,
    readonly expected: Expected,
    readonly actual: Expected,
  ) {
    super(`Stream ${stream} is at ${describe(actual)}, expected ${describe(expected)}`);
    this.name = 'VersionConflict';
  }
}

/** Some, but not all, of the ids of an append are in the log already, or elsewhere than expected. */
export class CorruptedIdempotency extends Error {
  constructor(
    readonly stream: string,
    readonly eventId: string,
  ) {
    super(`Append to ${stream} repeats event ${eventId}, but not the whole append at its original place`);
    this.name = 'CorruptedIdempotency';
  }
}

export class EventTooLarge extends Error {
  constructor(
    readonly stream: string,
    readonly bytes: number,
    readonly bytesMax: number,
  ) {
    super(`An event for ${stream} has ${bytes} bytes, allowed are ${bytesMax}`);
    this.name = 'EventTooLarge';
  }
}

/** The log file or server cannot be used; the sentence says which and why. */
export class LogUnavailable extends Error {
  constructor(sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.name = 'LogUnavailable';
  }
}

/** Somebody else than this program wrote there. */
export class EventUnreadable extends Error {
  constructor(path: string, position: number, options: ErrorOptions) {
    super(
      `The event at position ${position} of ${path} is not JSON: 'orchestrator log verify' tells what was changed`,
      options,
    );
    this.name = 'EventUnreadable';
  }
}

/** Written by another version of this program, or by one that is newer. */
export class LogFormatUnsupported extends Error {
  constructor(
    readonly path: string,
    readonly found: number,
    readonly supported: number,
  ) {
    super(
      `The event log ${path} has format ${found}, this version reads format ${supported}: ` +
        'use the version that wrote it, or another path (ORCH_EVENT_LOG_PATH)',
    );
    this.name = 'LogFormatUnsupported';
  }
}

function describe(expected: Expected): string {
  return expected === 'no-stream' ? 'no stream' : `version ${expected}`;
}
