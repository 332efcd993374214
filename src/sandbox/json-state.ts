import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/**
 * A value that outlives the process: changed in memory, written whole by write-and-rename. An answer that waits for `saved()`
 * has acknowledged nothing that a `kill -9` could take back. Not flushed to the platter: a power cut is not what it guards against.
 */
export class JsonState<T> {
  private revision = 0;
  private written = 0;
  private writing: Promise<void> | null = null;
  private isClosed = false;

  private constructor(
    private readonly file: string,
    readonly value: T,
  ) {}

  static async open<T>(file: string, initial: () => T): Promise<JsonState<T>> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const stored = await readOrNull(file);
    const state = new JsonState<T>(file, stored === null ? initial() : (JSON.parse(stored) as T));
    if (stored === null) state.change(() => undefined);
    await state.saved();
    return state;
  }

  change<R>(mutate: (value: T) => R): R {
    const result = mutate(this.value);
    this.revision += 1;
    // Whoever acknowledges waits for `saved()` and hears of a failure there.
    void this.saved().catch(() => undefined);
    return result;
  }

  /** Resolves once everything changed so far is in the file; many callers share one write. */
  async saved(): Promise<void> {
    const wanted = this.revision;
    while (this.written < wanted && !this.isClosed) await this.write();
  }

  /** What a left-over of the closed server changes afterwards is not kept: the folder may be another's by then, or gone. */
  async close(): Promise<void> {
    await this.saved();
    this.isClosed = true;
    await this.writing;
  }

  private write(): Promise<void> {
    this.writing ??= this.writeOnce().finally(() => {
      this.writing = null;
    });
    return this.writing;
  }

  private async writeOnce(): Promise<void> {
    // Changes of one turn of the event loop belong together.
    await Promise.resolve();
    const target = this.revision;
    await writeFileAtomic(this.file, JSON.stringify(this.value), { mode: 0o600, fsync: false });
    this.written = target;
  }
}

async function readOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
