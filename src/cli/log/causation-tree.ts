import type { RecordedEvent } from '../../kernel/event.js';
import { fromIso } from '../../kernel/time.js';

export interface TraceNode {
  readonly event: RecordedEvent;
  /** 0: nothing among these events caused it. */
  readonly depth: number;
  /** From the recording of its cause to its own; null of a root. */
  readonly latencyMs: number | null;
}

/** Parents before children, siblings in the order of the log. */
export function causationTree(events: readonly RecordedEvent[]): readonly TraceNode[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const children = new Map<string | null, RecordedEvent[]>();
  for (const event of [...events].sort((one, other) => one.position - other.position)) {
    const { $causationId: cause } = event.metadata;
    const parent = cause !== null && byId.has(cause) ? cause : null;
    children.set(parent, [...(children.get(parent) ?? []), event]);
  }
  const nodes: TraceNode[] = [];
  const open = rootsOf(children);
  for (let node = open.pop(); node; node = open.pop()) {
    nodes.push(node);
    open.push(...below(node, children));
  }
  return nodes;
}

type Children = ReadonlyMap<string | null, readonly RecordedEvent[]>;

function rootsOf(children: Children): TraceNode[] {
  return (children.get(null) ?? []).map((event) => ({ event, depth: 0, latencyMs: null })).reverse();
}

/** The newest first, because the last one that is put on the pile is taken off first. */
function below({ event: cause, depth }: TraceNode, children: Children): readonly TraceNode[] {
  const caused = children.get(cause.id) ?? [];
  const since = fromIso(cause.recordedAt);
  return caused.map((event) => ({ event, depth: depth + 1, latencyMs: fromIso(event.recordedAt) - since })).reverse();
}
