import { afterEach, describe } from '@jest/globals';
import type { Clock } from '../../../src/kernel/clock.js';
import type { EventLog } from '../../../src/event-log/event-log.js';
import type { Upcasts } from '../../../src/event-log/upcasts.js';
import { describeAppending } from './contract-appending.js';
import { describeFollowing } from './contract-following.js';
import { describeReading } from './contract-reading.js';
import { describeRepeating } from './contract-repeating.js';

export interface LogOptions {
  readonly clock?: Clock;
  readonly eventBytesMax?: number;
  readonly upcasts?: Upcasts;
}

/** What not every store can do. */
export interface Abilities {
  readonly severalStreamsAtOnce: boolean;
  readonly densePositions: boolean;
  /** Appends that run side by side are answered in the order of their positions. */
  readonly answersInOrder: boolean;
  /** An id that another stream has already is refused. */
  readonly idsOfTheWholeLog: boolean;
}

export interface LogUnderTest extends Abilities {
  /** A fresh, empty log; closed after the test. */
  readonly open: (options?: LogOptions) => Promise<EventLog>;
}

const EVERYTHING: Abilities = {
  severalStreamsAtOnce: true,
  densePositions: true,
  answersInOrder: true,
  idsOfTheWholeLog: true,
};

/** The rules that every adapter keeps. `open` gives a fresh, empty log. */
export function describeEventLog(
  name: string,
  open: (options: LogOptions) => Promise<EventLog>,
  abilities: Abilities = EVERYTHING,
): void {
  describe(name, () => {
    const opened: EventLog[] = [];
    const openAndRemember = async (options: LogOptions = {}): Promise<EventLog> => {
      const log = await open(options);
      opened.push(log);
      return log;
    };
    afterEach(async () => {
      for (const log of opened.splice(0)) await log.close();
    });
    const underTest: LogUnderTest = { ...abilities, open: openAndRemember };
    describe('appending', () => describeAppending(underTest));
    describe('repeating an append', () => describeRepeating(underTest));
    describe('reading', () => describeReading(underTest));
    describe('following', () => describeFollowing(underTest));
  });
}
