/** 1: the answer is "no"; 2: wrong usage; 3: the log or a service cannot be reached (contracts, command line). */
export type ExitCode = 1 | 2 | 3;

/** One sentence for the operator, and the code that a script sees. */
export class CommandFailed extends Error {
  constructor(
    readonly exitCode: ExitCode,
    sentence: string,
    options?: ErrorOptions,
  ) {
    super(sentence, options);
    this.name = 'CommandFailed';
  }
}
