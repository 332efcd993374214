import type { Options } from 'execa';

/** How long a command may take, and what ends it before. */
export interface Bounds {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** A command together with everything that it starts: a child that outlives its shell would hold the output open, and the checkout. */
export async function runAsGroup<O extends Options>(command: string, options: O, { timeoutMs, signal }: Bounds) {
  // Loaded at the first call: a start need not wait for it.
  const { execa } = await import('execa');
  signal?.throwIfAborted();
  const run = execa(command, { ...options, detached: true });
  const end = (): void => endGroup(run.pid);
  const timer = setTimeout(end, timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await run;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    signal?.throwIfAborted();
  }
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
