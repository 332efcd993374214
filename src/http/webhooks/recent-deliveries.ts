const KEPT_MAX = 50_000;

/** Delivery ids that were taken; what an older process took is put in at start, so a repetition is known without a look-up. */
export class RecentDeliveries {
  private readonly ids = new Set<string>();

  has(source: string, id: string | null): boolean {
    return id !== null && this.ids.has(`${source} ${id}`);
  }

  add(source: string, id: string | null): void {
    if (id === null) return;
    this.ids.add(`${source} ${id}`);
    if (this.ids.size <= KEPT_MAX) return;
    for (const oldest of this.ids) {
      this.ids.delete(oldest);
      return;
    }
  }
}
