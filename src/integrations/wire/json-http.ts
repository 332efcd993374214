import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import { textIn } from './untrusted.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Null when nothing was sent, undefined when what was sent is not JSON. */
  readonly body: unknown;
}

/** Nobody knows whether the other side did what was asked. The sentence names the call, never its headers. */
export class NoAnswer extends Error {
  constructor(call: string, reason: string) {
    super(`${call} got no answer: ${reason}`);
    this.name = 'NoAnswer';
  }
}

const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** Asks one server in JSON, within a time limit, without following redirects: a redirected POST loses its body. */
export class JsonHttp {
  private readonly agent = new Agent({ maxResponseSize: ANSWER_BYTES_MAX });

  constructor(
    private readonly server: {
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
    },
  ) {}

  async call(method: Dispatcher.HttpMethod, path: string, body?: object): Promise<HttpAnswer> {
    const signal = AbortSignal.timeout(this.server.timeoutMs);
    try {
      const answer = await request(this.server.url + path, { ...this.optionsFor(method, body), signal });
      return { status: answer.statusCode, headers: answer.headers, body: parsed(await answer.body.text()) };
    } catch (error) {
      throw new NoAnswer(
        `${method} ${path}`,
        signal.aborted ? `nothing within ${this.server.timeoutMs} ms` : reasonOf(error),
      );
    }
  }

  private optionsFor(method: Dispatcher.HttpMethod, body: object | undefined) {
    const { headers } = this.server;
    return {
      method,
      dispatcher: this.agent,
      headers: { accept: 'application/json', ...headers, ...(body && { 'content-type': 'application/json' }) },
      body: body ? JSON.stringify(body) : null,
    };
  }
}

/** How long the other side asks to be left alone; seconds or a date. */
export function retryAfterMsOf(answer: HttpAnswer, nowMs: number): number | null {
  const value = answer.headers['retry-after'];
  if (typeof value !== 'string') return null;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/** What may be answered differently without anything being changed. */
export function mayPass(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

function reasonOf(error: unknown): string {
  return textIn(error, 'message') ?? textIn(error, 'code') ?? String(error);
}

function parsed(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
