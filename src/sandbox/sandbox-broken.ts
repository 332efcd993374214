/** The stand-ins themselves are in a state that they cannot be in: a fault of the sandbox, never of whoever talks to it. */
export class SandboxBroken extends Error {
  constructor(what: string) {
    super(`The sandbox is broken: ${what}`);
    this.name = 'SandboxBroken';
  }
}
