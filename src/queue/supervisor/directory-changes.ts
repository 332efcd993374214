import { type FSWatcher, watch } from 'node:fs';

/** Tells when something in a folder may have changed. A watch can miss or fail (network disks), so waiting also ends by itself. */
export class DirectoryChanges {
  private changed = false;
  private wake: (() => void) | null = null;
  private readonly watcher: FSWatcher | null;

  constructor(directory: string) {
    this.watcher = this.begin(directory);
  }

  async next(withinMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!this.changed) await this.sleep(withinMs, signal);
    this.changed = false;
    signal?.throwIfAborted();
  }

  close(): void {
    this.watcher?.close();
  }

  private sleep(withinMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake?.(), withinMs);
      const aborted = (): void => this.wake?.();
      signal?.addEventListener('abort', aborted);
      this.wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
        this.wake = null;
        resolve();
      };
    });
  }

  private begin(directory: string): FSWatcher | null {
    try {
      const watcher = watch(directory, () => {
        this.changed = true;
        this.wake?.();
      });
      return watcher.on('error', () => watcher.close());
    } catch {
      return null;
    }
  }
}
