/** One attempt to run a hook: everything that starting it and finding it again needs. */
export interface HookRun {
  /** Names exactly this attempt, on every host and beside any other orchestrator. */
  readonly key: string;
  readonly deployId: number;
  /** Where its files are kept. */
  readonly directory: string;
  /** Whose word is on record that it was about to start it; null: nobody's. */
  readonly claim: { readonly isOurs: boolean; readonly host: string } | null;
  readonly command: string;
  /** What the hook is told; nothing secret of ours (decisions, "Hook contract"). */
  readonly env: Readonly<Record<string, string>>;
  /** When the attempt was asked for. */
  readonly since: number;
  readonly timeoutMs: number;
  /** A clean checkout of the revision; asked for only when the hook has to be started. */
  checkout(): Promise<string>;
}

/** Which process runs the hook. */
export interface HookIdentity {
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
}

export type HookStart =
  | { readonly kind: 'begun'; readonly identity: HookIdentity | null }
  /** For certain nothing runs, and nothing of this attempt ever will. */
  | { readonly kind: 'not-started'; readonly reason: string };

export interface HookEnd {
  readonly exitCode: number | null;
  readonly stoppedBecause: string | null;
  /** Null: when is not known. */
  readonly endedAt: string | null;
  /** What the hook has said, as far as it is known. */
  readonly output: string;
}

/** Where hooks run. However often an attempt is begun, its hook runs once. */
export interface HookHost {
  /** Null while nothing of the attempt is there. */
  find(run: HookRun): Promise<HookStart | null>;
  begin(run: HookRun, signal: AbortSignal): Promise<HookStart>;
  /** Sees to it that an attempt of which nothing was found never begins; where it has begun meanwhile, it has. */
  callOff(run: HookRun, reason: string): Promise<HookStart>;
  /** Until the hook has ended, or is given up. */
  end(run: HookRun, signal: AbortSignal): Promise<HookEnd>;
}
