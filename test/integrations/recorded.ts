import { readdirSync, readFileSync } from 'node:fs';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- bodies are read as they come; the assertion says what they must be
export type AnyJson = any;

export type Source = 'plane' | 'gitea';

/** One REST exchange as it was recorded. */
export interface Exchange {
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnyJson;
}

/** One webhook as it was recorded: its bytes and its headers in lower case, as Node gives them. */
export interface RecordedWebhook {
  readonly rawBody: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export function webhookNames(source: Source): readonly string[] {
  return names(source).filter((name) => !name.startsWith('api-'));
}

export function exchangeNames(source: Source): readonly string[] {
  return names(source).filter((name) => name.startsWith('api-'));
}

export function exchange(source: Source, name: string): Exchange {
  return read(source, name);
}

export function webhook(source: Source, name: string): RecordedWebhook {
  const { headers, body, raw } = read(source, name);
  const lowered = Object.entries<string>(headers).map(([key, value]) => [key.toLowerCase(), value]);
  return { rawBody: Buffer.from(raw ?? JSON.stringify(body), 'utf8'), headers: Object.fromEntries(lowered) };
}

function names(source: Source): readonly string[] {
  const files = readdirSync(new URL(`../fixtures/${source}/`, import.meta.url));
  return files.filter((file) => file.endsWith('.json')).map((file) => file.replace(/\.json$/, ''));
}

function read(source: Source, name: string): AnyJson {
  return JSON.parse(readFileSync(new URL(`../fixtures/${source}/${name}.json`, import.meta.url), 'utf8'));
}
