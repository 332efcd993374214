import { open, type FileHandle } from 'node:fs/promises';
import type { Followed, OutputFollower } from '../agent-runner.js';
import { LineSplitter } from './lines.js';
import { NOTHING_SAID, type StreamSummary, takeLine, takeUnreadable } from './stream-json.js';

const CHUNK_BYTES = 256 * 1024;
/** So that nobody waits long for an answer: what is left over is read at the next look. */
const BYTES_PER_LOOK = 16 * 1024 * 1024;
/** A longer line is counted and not understood: while the run is alive nothing in it is worth that much memory. */
const LINE_BYTES_MAX = 2 * 1024 * 1024;

/** Reads an output file as it grows, each byte once. */
export class ClaudeOutputFollower implements OutputFollower {
  private splitter = new LineSplitter(LINE_BYTES_MAX);
  private summary: StreamSummary = NOTHING_SAID;
  private offset = 0;
  private looking: Promise<Followed> | null = null;

  constructor(private readonly file: string) {}

  /** Whoever looks at the same time is given the same answer. */
  look(): Promise<Followed> {
    this.looking ??= this.readOn().finally(() => (this.looking = null));
    return this.looking;
  }

  private async readOn(): Promise<Followed> {
    const file = await open(this.file, 'r');
    try {
      const { size } = await file.stat();
      if (size < this.offset) this.startAgain();
      await this.readUpTo(file, Math.min(size, this.offset + BYTES_PER_LOOK));
      return { ...progressOf(this.summary), lines: this.summary.lines, isCurrent: this.offset >= size };
    } finally {
      await file.close();
    }
  }

  private async readUpTo(file: FileHandle, end: number): Promise<void> {
    while (this.offset < end) {
      // A buffer of its own each time: the splitter keeps pieces of it.
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - this.offset));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.offset);
      if (bytesRead === 0) return;
      this.offset += bytesRead;
      for (const line of this.splitter.take(buffer.subarray(0, bytesRead))) {
        this.summary = line.kind === 'line' ? takeLine(this.summary, line.text) : takeUnreadable(this.summary);
      }
    }
  }

  private startAgain(): void {
    this.splitter = new LineSplitter(LINE_BYTES_MAX);
    this.summary = NOTHING_SAID;
    this.offset = 0;
  }
}

function progressOf({ turns, toolCalls, lastText, lastTool, results }: StreamSummary) {
  return { turns, toolCalls, lastText, lastTool, costUsd: results[0]?.costUsd ?? null };
}
