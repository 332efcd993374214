import { parse } from 'shell-quote';

export class CommandLineInvalid extends Error {
  constructor(command: string, what: string) {
    super(
      `ORCH_AGENT_COMMAND is ${JSON.stringify(command)}: ${what}; a program and its arguments are allowed, quoted as in a shell`,
    );
    this.name = 'CommandLineInvalid';
  }
}

/** Split as a shell splits words. Nothing is run by a shell, so what only a shell could do is refused instead of passed on as text. */
export function wordsOf(command: string): readonly [string, ...string[]] {
  const words = parse(command, (name) => `$${name}`).map((word) => {
    if (typeof word === 'string') return word;
    if ('op' in word && word.op === 'glob') return word.pattern;
    throw new CommandLineInvalid(
      command,
      'op' in word ? `it contains the operator ${word.op}` : 'it contains a comment',
    );
  });
  const [program, ...rest] = words;
  if (program === undefined || program === '') throw new CommandLineInvalid(command, 'it names no program');
  return [program, ...rest];
}
