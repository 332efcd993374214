import { duration, figure } from './text.js';

/** How far a walk along the log has come. */
export interface Progress {
  readonly from: number;
  readonly position: number;
  readonly head: number;
  /** Positions of a shared store are bytes: only whoever counts events can say how many came by in a second. */
  readonly events?: number;
}

/** Says how far a long walk has come; on a terminal in one line that changes, otherwise now and then. */
export class ProgressLine {
  private readonly startedMs = Date.now();
  private saidMs = Date.now();

  constructor(private readonly what: string) {}

  tell(progress: Progress): void {
    const isTerminal = process.stderr.isTTY;
    if (Date.now() - this.saidMs < (isTerminal ? 200 : 5_000)) return;
    this.saidMs = Date.now();
    const line = `${this.what}: ${this.told(progress)}`;
    process.stderr.write(isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }

  get elapsedMs(): number {
    return Date.now() - this.startedMs;
  }

  private told({ from, position, head, events }: Progress): string {
    const perMs = (count: number): number => count / Math.max(1, this.elapsedMs);
    const share = Math.floor((position / Math.max(1, head)) * 100);
    const speed = events === undefined ? [] : [`${figure(Math.round(perMs(events) * 1_000))} events/s`];
    const left = position > from ? duration(Math.round((head - position) / perMs(position - from))) : 'unknown';
    return [`position ${figure(position)} of ${figure(head)} (${share} %)`, ...speed, `${left} left`].join(', ');
  }
}

/** Ends a long walk when the operator has seen enough. */
export function untilInterrupted(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  return stopping.signal;
}
