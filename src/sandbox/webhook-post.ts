import { Agent, request } from 'undici';

/** `unreachable` covers refused, reset and timed out: the receiver gave no HTTP answer. */
export type PostOutcome = { readonly kind: 'answered'; readonly status: number } | { readonly kind: 'unreachable' };

/** Sends webhook bodies byte for byte, each on a connection of its own. */
export class WebhookPoster {
  private readonly agent: Agent;

  constructor(timeoutMs: number) {
    this.agent = new Agent({
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connectTimeout: timeoutMs,
      pipelining: 0,
    });
  }

  async post(url: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<PostOutcome> {
    try {
      const answer = await request(url, { method: 'POST', headers: { ...headers }, body, dispatcher: this.agent });
      await answer.body.dump();
      return { kind: 'answered', status: answer.statusCode };
    } catch {
      return { kind: 'unreachable' };
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}
