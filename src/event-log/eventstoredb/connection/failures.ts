import { setTimeout as delay } from 'node:timers/promises';

export type FailureKind =
  /** The stream is not where the append expects it. */
  | 'wrong-version'
  /** Not reached, not ready, not the leader: nothing is known to have happened; the same may be asked again. */
  | 'unavailable'
  /** Sent and never answered: it may have happened. */
  | 'unanswered'
  | 'denied'
  | 'too-large'
  /** No record begins at the position that was named. */
  | 'bad-place'
  | 'other';

/** Any failure of the store, in our words. The client's own messages may name the connection string. */
export class StoreFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    sentence: string,
    /** What the server allows, where something was too large. */
    readonly bytesMax?: number,
  ) {
    super(sentence);
    this.name = 'StoreFailure';
  }
}

const BY_TYPE: Readonly<Record<string, FailureKind>> = {
  'wrong-expected-version': 'wrong-version',
  unavailable: 'unavailable',
  'not-leader': 'unavailable',
  'deadline-exceeded': 'unanswered',
  cancelled: 'unanswered',
  timeout: 'unanswered',
  'access-denied': 'denied',
  'maximum-append-size-exceeded': 'too-large',
};

/** gRPC's own codes, for errors that the client hands on as they are (its probe of the server does). */
const BY_CODE: Readonly<Record<number, FailureKind>> = {
  1: 'unanswered',
  4: 'unanswered',
  7: 'denied',
  8: 'unavailable',
  10: 'unanswered',
  13: 'unanswered',
  14: 'unavailable',
  16: 'denied',
};

interface ClientError {
  readonly type?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly maxAppendSize?: unknown;
}

export function failureFrom(error: unknown, shown: string): StoreFailure {
  if (error instanceof StoreFailure) return error;
  const { type, code, message, maxAppendSize } = error as ClientError;
  const kind = BY_TYPE[String(type)] ?? BY_CODE[Number(code)] ?? kindOf(String(message));
  const sentence = `The event store ${shown} ${WORDS[kind]}${kind === 'other' ? `: ${firstLine(message)}` : ''}`;
  return new StoreFailure(kind, sentence, typeof maxAppendSize === 'number' ? maxAppendSize : undefined);
}

function kindOf(message: string): FailureKind {
  if (/position/i.test(message)) return 'bad-place';
  return /discover|connect|channel|write after end|socket|ECONN/i.test(message) ? 'unavailable' : 'other';
}

function firstLine(message: unknown): string {
  const [line = ''] = String(message).split('\n');
  return line.replaceAll(/\S+:\/\/\S+/g, '(an address)').slice(0, 200);
}

const WORDS: Readonly<Record<FailureKind, string>> = {
  'wrong-version': 'has another version of the stream',
  unavailable: 'cannot be reached',
  unanswered: 'did not answer in time',
  denied: 'refuses the user of ORCH_EVENTSTORE_URL',
  'too-large': 'refuses an append of this size',
  'bad-place': 'has no event at this position',
  other: 'failed',
};

export function isPassing(error: unknown): boolean {
  return error instanceof StoreFailure && (error.kind === 'unavailable' || error.kind === 'unanswered');
}

export interface Patience {
  /** From when on a failure is final. */
  readonly giveUpMs: number;
  readonly signal: AbortSignal;
  readonly isWorthAnother?: (error: unknown) => boolean;
  readonly onFailure?: (error: Error) => void;
}

const PAUSE_MS_MIN = 50;
const PAUSE_MS_MAX = 2_000;

/** Asks again, with growing pauses, for as long as the failure may pass. */
export async function patiently<T>(ask: () => Promise<T>, patience: Patience): Promise<T> {
  const endsAt = performance.now() + patience.giveUpMs;
  for (let pauseMs = PAUSE_MS_MIN; ; pauseMs = Math.min(pauseMs * 1.7, PAUSE_MS_MAX)) {
    try {
      return await ask();
    } catch (error) {
      if (isFinal(error, endsAt, patience)) throw error;
      patience.onFailure?.(error as Error);
      await pause(pauseMs, patience.signal);
      if (patience.signal.aborted) throw error;
    }
  }
}

function isFinal(error: unknown, endsAt: number, { signal, isWorthAnother = isPassing }: Patience): boolean {
  return signal.aborted || performance.now() > endsAt || !isWorthAnother(error);
}

/** Many clients of one server come back at different moments. */
async function pause(aboutMs: number, signal: AbortSignal): Promise<void> {
  await delay(aboutMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
}
