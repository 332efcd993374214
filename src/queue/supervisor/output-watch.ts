import { type FileHandle, open, truncate } from 'node:fs/promises';
import { type RunDirectory, sizeOf } from './run-directory.js';

const CHUNK_BYTES = 256 * 1024;
/** As much of a line as is looked at; a line may be megabytes long. */
const LINE_LOOK_BYTES = 64 * 1024;
const STDERR_BYTES_MAX = 8 * 1024 * 1024;
const STDOUT_BYTES_MAX = 512 * 1024 * 1024;

const RESULT = /"type"\s*:\s*"result"/;
/** A background task that ends after the result starts another turn: then the run is not over yet. */
const ANOTHER_TURN = /"type"\s*:\s*"assistant"/;

/** Follows the files that a run writes to: how much, when last, and whether the line with the result has come. */
export class OutputWatch {
  bytes = 0;
  lines = 0;
  lastOutputAt: number;
  resultAt: number | null = null;
  /** A line has come that must never come. */
  isForbidden = false;
  private stderrBytes = 0;
  private line = '';
  private file: FileHandle | null = null;
  private readonly forbidden: RegExp | null;

  constructor(
    private readonly run: RunDirectory,
    private readonly monotonicMs: () => number,
    forbidden?: string,
  ) {
    this.lastOutputAt = monotonicMs();
    this.forbidden = forbidden === undefined ? null : new RegExp(forbidden);
  }

  get isOverLimit(): boolean {
    return this.bytes > STDOUT_BYTES_MAX;
  }

  async look(): Promise<void> {
    const before = this.bytes;
    this.file ??= await open(this.run.stdout, 'r');
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let read = await this.next(buffer); read > 0; read = await this.next(buffer)) {
      this.take(buffer.toString('latin1', 0, read));
    }
    const stderrBytes = await this.boundStderr();
    if (this.bytes !== before || stderrBytes !== this.stderrBytes) this.lastOutputAt = this.monotonicMs();
    this.stderrBytes = stderrBytes;
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = null;
  }

  private async next(buffer: Buffer): Promise<number> {
    const { bytesRead } = (await this.file?.read(buffer, 0, buffer.length, this.bytes)) ?? { bytesRead: 0 };
    this.bytes += bytesRead;
    return bytesRead;
  }

  private take(text: string): void {
    const parts = text.split('\n');
    parts.forEach((part, index) => {
      this.line = (this.line + part).slice(0, LINE_LOOK_BYTES);
      if (index < parts.length - 1) this.lineEnds();
    });
  }

  private lineEnds(): void {
    this.lines += 1;
    this.isForbidden ||= this.forbidden?.test(this.line) ?? false;
    if (RESULT.test(this.line)) this.resultAt = this.monotonicMs();
    else if (ANOTHER_TURN.test(this.line)) this.resultAt = null;
    this.line = '';
  }

  /** The beginning says what went wrong first, the end what killed it; the middle is what a full disk is made of. */
  private async boundStderr(): Promise<number> {
    const size = await sizeOf(this.run.stderr);
    if (size <= STDERR_BYTES_MAX) return size;
    await truncate(this.run.stderr, STDERR_BYTES_MAX / 2);
    return STDERR_BYTES_MAX / 2;
  }
}
