/** Folded streams, kept so that a start does not depend on their length. Derived: may be deleted at any time. */
export interface Snapshots {
  /** Null when there is none, or it belongs to another log or another version of the service. */
  load(stream: string, logId: string): Promise<unknown>;
  save(stream: string, logId: string, snapshot: object): Promise<void>;
}

export const SNAPSHOTS = Symbol('Snapshots');

export class InMemorySnapshots implements Snapshots {
  private readonly kept = new Map<string, string>();

  load(stream: string, logId: string): Promise<unknown> {
    const snapshot = this.kept.get(`${logId} ${stream}`);
    return Promise.resolve(snapshot === undefined ? null : JSON.parse(snapshot));
  }

  save(stream: string, logId: string, snapshot: object): Promise<void> {
    this.kept.set(`${logId} ${stream}`, JSON.stringify(snapshot));
    return Promise.resolve();
  }
}
