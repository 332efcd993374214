import type { ProtocolServer } from './protocol-server.js';

/** Quick ones often; those that a client finds out by waiting only, seldom. */
const STORMS = [
  ...['resetAnswers', 'wrongLeader', 'cut', 'unavailable', 'endSubscriptions', 'resetAnswers', 'restart'],
  ...['wrongLeader', 'swallowedAnswers', 'cut', 'unavailable', 'resetAnswers', 'endSubscriptions', 'silentReads'],
] as const;

const COUNTED = ['resetAnswers', 'wrongLeader', 'unavailable', 'swallowedAnswers', 'silentReads'] as const;
export interface WeatherOptions {
  /** Where in the order it begins. */
  readonly seed: number;
  /** One fault in so many calls, however fast they come. */
  readonly everyCalls: number;
}

/** One fault after the other, for as long as it lasts; the same seed gives the same order. */
export class Weather {
  readonly had: string[] = [];
  #calls = 0;
  #restarting: Promise<void> = Promise.resolve();

  constructor(
    private readonly server: ProtocolServer,
    private readonly options: WeatherOptions,
  ) {
    server.faults.idempotentWithoutPosition = true;
    server.onCall = () => this.#called();
  }

  async calm(): Promise<void> {
    this.server.onCall = () => undefined;
    for (const name of COUNTED) this.server.faults[name] = 0;
    await this.#restarting;
  }

  #called(): void {
    this.#calls += 1;
    if (this.#calls % this.options.everyCalls !== 0) return;
    const storm = STORMS[(this.options.seed + this.had.length) % STORMS.length] ?? 'cut';
    this.had.push(storm);
    if (storm === 'cut') this.server.cut();
    else if (storm === 'endSubscriptions') this.server.endSubscriptions();
    else if (storm === 'restart') this.#restarting = this.#restarting.then(() => this.#restart());
    else this.server.faults[storm] = 1;
  }

  async #restart(): Promise<void> {
    await this.server.down();
    await this.server.up();
  }
}
