import { createReadStream } from 'node:fs';

/** A line may be megabytes long (a tool's whole output); beyond this it is not kept, and only counted. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

export type Line = { readonly kind: 'line'; readonly text: string } | { readonly kind: 'too-long' };

/** The lines of a file as they are read, the last one also without its end; never more than one line in memory. */
export async function* linesOf(file: string, bytesMax = LINE_BYTES_MAX): AsyncGenerator<Line> {
  const splitter = new LineSplitter(bytesMax);
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) yield* splitter.take(chunk);
  const last = splitter.rest();
  if (last !== null) yield last;
}

/** Makes lines of the pieces that a file is read in; what has no end yet waits for the next piece. */
export class LineSplitter {
  private parts: Buffer[] = [];
  private length = 0;

  constructor(private readonly bytesMax: number) {}

  *take(chunk: Buffer): Generator<Line> {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      this.add(chunk.subarray(start, end));
      yield this.finish();
      start = end + 1;
    }
    this.add(chunk.subarray(start));
  }

  /** Null when the last line had its end. */
  rest(): Line | null {
    return this.length === 0 ? null : this.finish();
  }

  private add(part: Buffer): void {
    this.length += part.length;
    if (this.length <= this.bytesMax) this.parts.push(part);
    else this.parts = [];
  }

  private finish(): Line {
    const line: Line =
      this.length > this.bytesMax
        ? { kind: 'too-long' }
        : { kind: 'line', text: Buffer.concat(this.parts).toString('utf8') };
    this.parts = [];
    this.length = 0;
    return line;
  }
}
