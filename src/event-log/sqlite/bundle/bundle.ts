import { createHash } from 'node:crypto';
import type { Position } from '../../../kernel/event.js';

/** First line of a bundle. */
export interface Manifest {
  readonly bundle: 'orchestrator-log';
  readonly version: 1;
  readonly madeBy: string;
  readonly madeAt: string;
  readonly logId: string;
  /** As it was asked for. */
  readonly scope: Readonly<Record<string, string>>;
  /** Everything in between is in the bundle; of what was before, only what belongs to it. */
  readonly from: Position;
  readonly to: Position;
  readonly events: number;
  /** Of a shared store: positions and revisions have holes of its own making, and the chain is that of the bundle. */
  readonly sparse?: true;
  /** Link of the last event: the end of the chain at that time. */
  readonly head: string;
  readonly redacted: boolean;
  /** The settings in force at the end; null when the log has recorded none. */
  readonly settings: object | null;
  /** Rules of the read models that `moment` was folded by. */
  readonly fingerprint: string;
  /** What was under way before `from`; null where the bundle begins with the log. */
  readonly moment: object | null;
}

/** One line of a bundle. The payloads are JSON as they were hashed; digests stand beside them where texts were taken out. */
export interface BundledEvent {
  readonly position: Position;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: object;
  readonly metadata: object;
  readonly recordedAt: string;
  readonly hash: string;
  /** Link of the event before it, where that one is not in the bundle. */
  readonly previous?: string;
  readonly dataDigest?: string;
  readonly metadataDigest?: string;
}

/** Last line: how many lines there were, and the SHA-256 of all of them. */
export interface BundleEnd {
  readonly end: true;
  readonly lines: number;
  readonly sha256: string;
}

export class BundleRefused extends Error {
  constructor(file: string, what: string) {
    super(`${file} cannot be imported: ${what}`);
    this.name = 'BundleRefused';
  }
}

/** Takes the lines one after the other and knows what the last one has to say. */
export class Seal {
  readonly #hash = createHash('sha256');
  #lines = 0;

  add(line: string): string {
    this.#hash.update(line).update('\n');
    this.#lines += 1;
    return line;
  }

  end(): BundleEnd {
    return { end: true, lines: this.#lines, sha256: this.#hash.digest('hex') };
  }
}
