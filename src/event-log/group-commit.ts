import { assert } from '../kernel/assert.js';

/** What one member of a batch gets, whatever becomes of the others. */
export type Outcome<Answer> = { readonly answer: Answer } | { readonly error: Error };

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly settle: (outcome: Outcome<Answer>) => void;
}

export interface GroupCommitOptions<Item, Answer> {
  /** One outcome for every item, in the same order. A throw is the outcome of all. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Outcome<Answer>[]>;
  readonly weigh: (item: Item) => number;
  /** A batch stops growing here; a single item may weigh more. */
  readonly weightMax: number;
}

/** What waits together is committed together; one batch at a time, in the order of arrival. */
export class GroupCommit<Item, Answer> {
  #waiting: Waiting<Item, Answer>[] = [];
  #running: Promise<void> | undefined;

  constructor(private readonly options: GroupCommitOptions<Item, Answer>) {}

  submit(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome<Answer>): void =>
        'error' in outcome ? reject(outcome.error) : resolve(outcome.answer);
      this.#waiting.push({ item, settle });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    await everybodyHasArrived();
    while (this.#waiting.length > 0) {
      await this.#commit(this.#takeBatch());
      await everybodyHasArrived();
    }
    this.#running = undefined;
  }

  async #commit(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const outcomes = await this.options.commit(batch.map(({ item }) => item));
      assert(outcomes.length === batch.length, 'a commit has an outcome for every item');
      outcomes.forEach((outcome, index) => batch[index]?.settle(outcome));
    } catch (error) {
      for (const { settle } of batch) settle({ error: error as Error });
    }
  }

  #takeBatch(): readonly Waiting<Item, Answer>[] {
    let weight = 0;
    const full = this.#waiting.findIndex(({ item }, index) => {
      weight += this.options.weigh(item);
      return index > 0 && weight > this.options.weightMax;
    });
    if (full === -1) return this.#waiting.splice(0);
    return this.#waiting.splice(0, full);
  }
}

/**
 * Writers that were just answered come back with their next item before this resolves: a tick is processed only after
 * every promise that is settled by now. Without it batches would alternate between one item and all the others.
 */
function everybodyHasArrived(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
