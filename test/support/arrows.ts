import type { Command } from '../../src/kernel/command.js';
import type { DomainEvent } from '../../src/kernel/event.js';
import type { History } from './given.js';

/** `from --> to: cause`. */
export type Arrow = string;

interface Exploration<C extends Command, E extends DomainEvent, S> {
  readonly begin: History<C, E, S>;
  /** Everything that may be wished for now. */
  readonly commands: (history: History<C, E, S>) => readonly C[];
  /** The status that the diagram shows. */
  readonly name: (state: S) => string;
  /** What makes a difference to what may happen next; two histories that share it are explored once. */
  readonly key: (state: S) => unknown;
}

/** Every change of status that can be brought about; what leaves the status as it was is no arrow. */
export function arrowsOf<C extends Command, E extends DomainEvent, S>(
  exploration: Exploration<C, E, S>,
): readonly Arrow[] {
  const { begin, commands, name, key } = exploration;
  const known = new Set<string>();
  const arrows = new Set<Arrow>();
  const open = [begin];
  for (let before = open.shift(); before; before = open.shift()) {
    const fingerprint = JSON.stringify(key(before.state));
    if (known.has(fingerprint)) continue;
    known.add(fingerprint);
    for (const command of commands(before)) {
      const after = before.after(command);
      const [from, to] = [name(before.state), name(after.state)];
      if (from !== to) arrows.add(`${from} --> ${to}: ${command.type}`);
      open.push(after);
    }
  }
  return [...arrows].sort();
}
