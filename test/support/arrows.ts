import { readFileSync } from 'node:fs';
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

const DOCUMENT = readFileSync(new URL('../../docs/state-machines.md', import.meta.url), 'utf8');

/** The arrows of the diagram under a heading, one for every cause; an alias stands for the name in quotes. */
export function drawn(heading: string): readonly Arrow[] {
  const section = DOCUMENT.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const diagram = /```mermaid\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
  const aliases = new Map([...diagram.matchAll(/state "(.+)" as (\w+)/g)].map(([, name, alias]) => [alias, name]));
  const named = (id: string | undefined) => aliases.get(id) ?? id;
  return [...diagram.matchAll(/^ *(\S+) --> (\S+): (.+)$/gm)]
    .flatMap(
      ([, from, to, causes]) => causes?.split(', ').map((cause) => `${named(from)} --> ${named(to)}: ${cause}`) ?? [],
    )
    .sort();
}
