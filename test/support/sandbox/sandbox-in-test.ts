import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../src/sandbox/sandbox.js';
import { receiveWebhooks, type WebhookReceiver } from './webhook-receiver.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- foreign JSON, looked at key by key in assertions
  readonly body: any;
}

/** A sandbox in a folder of its own with a receiver for its webhooks, and ways to ask both servers. */
export class SandboxInTest {
  private constructor(
    readonly dataDir: string,
    readonly receiver: WebhookReceiver,
    public sandbox: Sandbox,
    private readonly options: Partial<SandboxOptions>,
  ) {}

  static async start(options: Partial<SandboxOptions> = {}): Promise<SandboxInTest> {
    const dataDir = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
    const receiver = await receiveWebhooks();
    const sandbox = await startSandbox({ dataDir, webhookUrls: urlsOf(receiver), ...options });
    return new SandboxInTest(dataDir, receiver, sandbox, options);
  }

  async restart(): Promise<void> {
    await this.sandbox.close();
    const webhookUrls = urlsOf(this.receiver);
    this.sandbox = await startSandbox({ dataDir: this.dataDir, webhookUrls, ...this.options });
  }

  async end(): Promise<void> {
    await this.sandbox.close();
    await this.receiver.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Relative to the project. */
  tracker(method: string, path: string, body?: object, key = this.sandbox.tokens.trackerBot): Promise<Answer> {
    const { trackerUrl, workspace, projectId } = this.sandbox;
    const base = `${trackerUrl}/api/v1/workspaces/${workspace}/projects/${projectId}`;
    return ask(method, `${base}/${path}`, { 'x-api-key': key }, body);
  }

  /** Relative to the repository. */
  forge(method: string, path: string, body?: object, token = this.sandbox.tokens.forgeBot): Promise<Answer> {
    const { forgeUrl, owner, repo } = this.sandbox;
    return ask(method, `${forgeUrl}/api/v1/repos/${owner}/${repo}${path}`, { authorization: `token ${token}` }, body);
  }

  webhooks(event: string, header = 'x-gitea-event') {
    return this.receiver.received.filter(({ headers }) => headers[header] === event);
  }

  async statusId(name: string): Promise<string> {
    const states = (await this.tracker('GET', 'states/')).body.results as { id: string; name: string }[];
    return states.find((state) => state.name === name)?.id ?? '';
  }
}

export async function ask(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: object,
): Promise<Answer> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const answer = await fetch(url, { method, redirect: 'manual', headers: { ...headers, ...type }, ...content });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? null : parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function urlsOf(receiver: WebhookReceiver) {
  return { plane: `${receiver.url}/webhook/plane`, gitea: `${receiver.url}/webhook/gitea` };
}
