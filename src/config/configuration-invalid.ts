/** One wrong value: where it stands, what was found there (never a secret), and what may stand there. */
export interface Problem {
  /** A variable, or a file with the place in it. */
  readonly where: string;
  readonly given: string;
  readonly allowed: string;
}

/** Everything that is wrong with the configuration, in one message, so that a start fails once and not once per value. */
export class ConfigurationInvalid extends Error {
  constructor(readonly problems: readonly Problem[]) {
    super(['The configuration cannot be used. Correct this and start again:', ...problems.map(line)].join('\n'));
    this.name = 'ConfigurationInvalid';
  }
}

function line({ where, given, allowed }: Problem): string {
  return `  ${where}: given ${given}, allowed: ${allowed}`;
}
