import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Socket } from 'node:net';
import { bulkhead } from 'cockatiel';
import { GitFailed } from './git.js';

export interface GitObject {
  readonly id: string;
  readonly type: 'blob' | 'tree' | 'commit' | 'tag';
  readonly bytes: Buffer;
}

/** Nothing that a gate reads is as large; what an agent commits may be. */
const BYTES_MAX = 256 * 1024 * 1024;
const ANSWER_WITHIN_MS = 60_000;
const IDLE_MS_MAX = 30_000;
const LINE_FEED = 10;

/**
 * One `git cat-file --batch` that stays while it is asked. A git for every look would cost this large process a fork, which copies its
 * page tables and holds up everything else (9 ms at 250 MB, and a stage looks forty times). It sees what is fetched and committed after
 * its start, and ends with its standard input: when nobody asked for a while, or when we die.
 */
export class ObjectReader {
  private readonly turns = bulkhead(1, Number.MAX_SAFE_INTEGER);
  private conversation: Conversation | null = null;
  private idle: NodeJS.Timeout | undefined;

  constructor(private readonly start: () => ChildProcessWithoutNullStreams) {}

  /** By any name that git knows, `<commit>:<path>` too; null when there is no such object. */
  read(name: string): Promise<GitObject | null> {
    if (name.includes('\n')) return Promise.resolve(null);
    return this.turns.execute(() => this.ask(name));
  }

  /** What it holds open is about to go; the next question starts another one. */
  end(): void {
    this.conversation?.end();
    this.conversation = null;
  }

  private async ask(name: string): Promise<GitObject | null> {
    clearTimeout(this.idle);
    this.conversation ??= new Conversation(this.start());
    try {
      return await this.conversation.ask(name);
    } catch (error) {
      // Half an answer may be on its way: whoever asks next must not get it.
      this.conversation.kill();
      this.conversation = null;
      throw error;
    } finally {
      this.idle = setTimeout(() => this.end(), IDLE_MS_MAX).unref();
    }
  }
}

class Conversation {
  private readonly answers: AsyncIterator<Buffer>;
  private readonly ended: Promise<number | null>;
  private unread: Buffer = Buffer.alloc(0);
  private complaint = '';

  constructor(private readonly process: ChildProcessWithoutNullStreams) {
    this.answers = process.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    process.stderr.on('data', (said: Buffer) => (this.complaint = `${this.complaint}${said.toString()}`.slice(-4_096)));
    // It may end before it has read the question; its exit says why.
    process.stdin.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      process.once('close', resolve);
      process.once('error', (error) => {
        this.complaint = error.message;
        resolve(null);
      });
    });
    this.hold(false);
  }

  async ask(name: string): Promise<GitObject | null> {
    this.hold(true);
    const late = setTimeout(() => this.kill(), ANSWER_WITHIN_MS);
    try {
      this.process.stdin.write(`${name}\n`);
      return await this.answer(name);
    } finally {
      clearTimeout(late);
      this.hold(false);
    }
  }

  end(): void {
    this.process.stdin.end();
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }

  /** `<id> <type> <size>`, a line feed, the content, a line feed; or a sentence that it is missing. */
  private async answer(name: string): Promise<GitObject | null> {
    const head = await this.line();
    const [, id = '', type, size] = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/.exec(head) ?? [];
    if (type === undefined) return null;
    if (Number(size) > BYTES_MAX)
      throw new GitFailed('cat-file', null, '', `${name} has ${size} bytes, allowed are ${BYTES_MAX}`);
    const bytes = await this.take(Number(size));
    await this.take(1);
    return { id, type: type as GitObject['type'], bytes };
  }

  private async line(): Promise<string> {
    for (;;) {
      const end = this.unread.indexOf(LINE_FEED);
      if (end !== -1) return (await this.take(end + 1)).toString('utf8', 0, end);
      this.unread = Buffer.concat([this.unread, await this.more()]);
    }
  }

  private async take(length: number): Promise<Buffer> {
    const chunks = [this.unread];
    for (let have = this.unread.length; have < length; have += chunks.at(-1)?.length ?? 0)
      chunks.push(await this.more());
    const all = chunks.length === 1 ? this.unread : Buffer.concat(chunks);
    this.unread = all.subarray(length);
    return all.subarray(0, length);
  }

  private async more(): Promise<Buffer> {
    const next = await this.answers.next();
    if (next.done !== true) return next.value;
    throw new GitFailed('cat-file', await this.ended, '', this.complaint);
  }

  /** Nobody waits for it but who has asked: a process that is otherwise done may end. */
  private hold(isHeld: boolean): void {
    const { process } = this;
    for (const one of [process, process.stdin, process.stdout, process.stderr] as unknown as Socket[]) {
      if (isHeld) one.ref();
      else one.unref();
    }
  }
}
