/** What a switch may look at before it strikes. */
export interface Delivery {
  readonly event: string;
  readonly action: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A number strikes that many times; a predicate strikes until it is replaced. */
export type Which = number | ((delivery: Delivery) => boolean);
type RequestFilter = (method: string, path: string) => boolean;

/** The switches by which tests make a server misbehave; all of them are off at the start and none survives a restart. */
export class Faults {
  private lost: Which = 0;
  private doubled: Which = 0;
  private held = 0;
  private unanswered = { left: 0, matches: (() => true) as RequestFilter };
  private broken = { left: 0, matches: (() => true) as RequestFilter };
  private forgotten = 0;
  private nonsensical = { left: 0, matches: (() => true) as RequestFilter };
  delayMs = 0;
  slowMs = 0;
  isDown = false;

  loseWebhooks(which: Which): void {
    this.lost = which;
  }

  doubleWebhooks(which: Which): void {
    this.doubled = which;
  }

  /** Every delivery waits so long before it is sent. */
  delayWebhooks(ms: number): void {
    this.delayMs = ms;
  }

  /** The next `count` deliveries are held until all of them are there, then sent last first. */
  reorderWebhooks(count: number): void {
    this.held = count;
  }

  /** The next `count` writing requests are carried out, and their callers never hear of it. */
  answerAfterCommitWithTimeout(count: number, matches: RequestFilter = () => true): void {
    this.unanswered = { left: count, matches };
  }

  /** The next `count` requests are answered with 500 before anything is done. */
  failRequests(count: number, matches: RequestFilter = () => true): void {
    this.broken = { left: count, matches };
  }

  /**
   * The next `count` merges land in git and the forge never knows: the pull request stays open, no webhook is sent and the answer is
   * an empty 500 (its post-receive hook failed, which git does not mind).
   */
  forgetMerges(count: number): void {
    this.forgotten = count;
  }

  /** The next `count` requests are answered with 200 and a web page, as by a proxy that thinks for itself. */
  talkNonsense(count: number, matches: RequestFilter = () => true): void {
    this.nonsensical = { left: count, matches };
  }

  /** Every request waits so long before it is looked at. */
  slow(ms: number): void {
    this.slowMs = ms;
  }

  /** While down every connection is dropped and no webhook leaves. */
  down(isDown: boolean): void {
    this.isDown = isDown;
  }

  /** How many times a delivery leaves: 0, 1 or 2. */
  copiesOf(delivery: Delivery): number {
    if (this.strikes('lost', delivery)) return 0;
    return this.strikes('doubled', delivery) ? 2 : 1;
  }

  /** What may leave now, in the order in which it leaves. */
  arrange<T>(due: readonly T[]): readonly T[] {
    if (this.held === 0) return due;
    if (due.length < this.held) return [];
    const batch = due.slice(0, this.held).reverse();
    const rest = due.slice(this.held);
    this.held = 0;
    return [...batch, ...rest];
  }

  forgetsMerge(): boolean {
    if (this.forgotten <= 0) return false;
    this.forgotten -= 1;
    return true;
  }

  losesAnswer(method: string, path: string): boolean {
    return method !== 'GET' && counts(this.unanswered, method, path);
  }

  breaks(method: string, path: string): boolean {
    return counts(this.broken, method, path);
  }

  isNonsense(method: string, path: string): boolean {
    return counts(this.nonsensical, method, path);
  }

  private strikes(kind: 'lost' | 'doubled', delivery: Delivery): boolean {
    const which = this[kind];
    if (typeof which === 'function') return which(delivery);
    if (which <= 0) return false;
    this[kind] = which - 1;
    return true;
  }
}

function counts(fault: { left: number; matches: RequestFilter }, method: string, path: string): boolean {
  if (fault.left <= 0 || !fault.matches(method, path)) return false;
  fault.left -= 1;
  return true;
}
