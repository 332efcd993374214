import { CommandFailed } from '../failure.js';

const TIMEOUT_MS = 10_000;

/** A running service, spoken to like by anybody else. */
export class RunningOrchestrator {
  constructor(
    readonly url: string,
    private readonly token: string | null,
    /** Who asks, for the audit trail. */
    private readonly actor: string | null = null,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.call('GET', path);
  }

  post<T>(path: string, body: object): Promise<T> {
    return this.call('POST', path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.call('DELETE', path);
  }

  async graphql<T>(query: string, variables: object): Promise<T> {
    const { data, errors } = await this.post<Answer<T>>('/graphql', { query, variables });
    if (data !== undefined && data !== null && !errors) return data;
    throw new CommandFailed(3, `${this.url} answered a query with: ${errors?.[0]?.message ?? 'nothing'}`);
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await this.send(method, path, body);
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text) as T;
    if (answer.status === 401)
      throw new CommandFailed(3, `${this.url} wants another token: set ORCH_API_TOKEN to its value`);
    throw new CommandFailed(
      answer.status < 500 ? 1 : 3,
      messageIn(text) ?? `${method} ${path} was answered ${answer.status}`,
    );
  }

  private async send(method: string, path: string, body?: object): Promise<Response> {
    const headers = {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(this.actor === null ? {} : { 'x-actor': this.actor }),
      ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
    };
    const content = body ? { body: JSON.stringify(body) } : {};
    try {
      return await fetch(`${this.url}${path}`, {
        method,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...content,
      });
    } catch (cause) {
      const hint = 'start it with npm start, or set ORCH_HOST and ORCH_PORT to where it is';
      throw new CommandFailed(3, `No service answers at ${this.url}: ${hint}`, { cause });
    }
  }
}

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string }[];
}

function messageIn(text: string): string | null {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } };
    return error?.message ?? null;
  } catch {
    return null;
  }
}
