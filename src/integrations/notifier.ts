/** Tells people. Adapters: `telegram/`. */
export const NOTIFIER = Symbol('Notifier');

export interface Notifier {
  /** False: nobody is configured to be told; the caller records the message and goes on. */
  readonly enabled: boolean;
  send(text: string): Promise<void>;
}

export class NotifierUnavailable extends Error {
  constructor(
    what: string,
    readonly retryAfterMs: number | null = null,
    options?: ErrorOptions,
  ) {
    super(`Notifier: ${what}`, options);
    this.name = 'NotifierUnavailable';
  }
}

export const MESSAGES = Symbol('Messages');

/** The words for people, in the configured language. */
export interface Messages {
  text(message: string, params: Readonly<Record<string, string>>): string;
}

/** The chat understood and said no; saying it again will not help. */
export class NotifierRefused extends Error {
  constructor(
    what: string,
    readonly status: number,
  ) {
    super(`Notifier refused: ${what}`);
    this.name = 'NotifierRefused';
  }
}
