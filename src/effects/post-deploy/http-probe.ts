import type { ProbeAnswer } from '../../domain/post-deploy/events.js';

export interface Probed {
  readonly answer: ProbeAnswer;
  readonly detail: string;
}

export interface Patience {
  readonly timeoutMs: number;
  /** Whoever asks goes: the answer is of no interest any more, and the question ends with an error. */
  readonly stopping: AbortSignal;
}

const PATIENT: Patience = { timeoutMs: 5_000, stopping: new AbortController().signal };

/** One GET on a connection of its own. Redirects are not followed: a log-in page is not the health of anything. */
export async function probe(url: string, patience: Partial<Patience> = {}): Promise<Probed> {
  const { timeoutMs, stopping } = { ...PATIENT, ...patience };
  const { request } = await import('undici');
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const signal = AbortSignal.any([timeout, stopping]);
    const { statusCode, body } = await request(url, { method: 'GET', signal, reset: true });
    body.on('error', () => undefined);
    body.destroy();
    return { answer: statusCode >= 200 && statusCode < 300 ? 'ok' : 'failed', detail: `HTTP ${statusCode}` };
  } catch (error) {
    if (stopping.aborted) throw error;
    if (timeout.aborted) return { answer: 'failed', detail: `no answer within ${timeoutMs / 1000} s` };
    return withoutAnswer(error);
  }
}

/**
 * The host was not even asked, so that nothing is known of it. A refused connection is not among these: somebody was there to refuse it,
 * and production was not.
 */
const NOT_ASKED: readonly string[] = [
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME'],
  ...['ENETUNREACH', 'ENETDOWN', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'ENOBUFS'],
  ...['ERR_INVALID_URL', 'UND_ERR_INVALID_ARG'],
];

function withoutAnswer(error: unknown): Probed {
  const { code = 'unknown error', message } = deepest(error) as NodeJS.ErrnoException;
  const answer = NOT_ASKED.includes(code) ? 'unmeasured' : 'failed';
  return { answer, detail: code === 'ECONNREFUSED' ? 'nobody listens there (ECONNREFUSED)' : `${code}: ${message}` };
}

/** A host with several addresses is tried at each: the first of the reasons stands for all. */
function deepest(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return deepest(error.errors[0]);
  const { cause } = error as { readonly cause?: unknown };
  return cause instanceof Error ? deepest(cause) : error;
}
