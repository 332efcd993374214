import { VersionConflict } from '../errors.js';
import type { AppendedStream, EventLog, Follow, ReadAll, ReadStream, StreamCheck, StreamWrite } from '../event-log.js';

export const LEADERSHIP_STREAM = 'leadership';

/** Another orchestrator has taken over: nothing of what this one decides counts any more. */
export class LeadLost extends Error {
  constructor(readonly term: number) {
    super(`Another orchestrator leads since this one took the lead in term ${term}; nothing was written`);
    this.name = 'LeadLost';
  }
}

/** The term under which this process writes, once it leads. It never gets a second one. */
export class Term {
  #held: number | null = null;

  get held(): number | null {
    return this.#held;
  }

  take(term: number): void {
    this.#held = term;
  }
}

/**
 * Whoever has led writes under its term only: every append depends on the leadership being where it was when it was taken. So a leader
 * that was paused and does not know it can change nothing, whatever part of it wakes first.
 */
export class FencedLog implements EventLog {
  constructor(
    private readonly log: EventLog,
    private readonly term: Term,
  ) {}

  get logId(): string {
    return this.log.logId;
  }

  get stride(): number {
    return this.log.stride ?? 1;
  }

  async append(
    writes: readonly StreamWrite[],
    checks: readonly StreamCheck[] = [],
  ): Promise<readonly AppendedStream[]> {
    const { held } = this.term;
    if (held === null || writes.some(({ stream }) => stream === LEADERSHIP_STREAM))
      return this.log.append(writes, checks);
    try {
      return await this.log.append(writes, [...checks, { stream: LEADERSHIP_STREAM, expected: held }]);
    } catch (error) {
      if (error instanceof VersionConflict && error.stream === LEADERSHIP_STREAM) throw new LeadLost(held);
      throw error;
    }
  }

  readStream(stream: string, options?: ReadStream): ReturnType<EventLog['readStream']> {
    return this.log.readStream(stream, options);
  }

  readAll(options?: ReadAll): ReturnType<EventLog['readAll']> {
    return this.log.readAll(options);
  }

  readEvent(id: string): ReturnType<EventLog['readEvent']> {
    return this.log.readEvent(id);
  }

  follow(options: Follow): ReturnType<EventLog['follow']> {
    return this.log.follow(options);
  }

  head(): ReturnType<EventLog['head']> {
    return this.log.head();
  }

  close(): Promise<void> {
    return this.log.close();
  }
}
