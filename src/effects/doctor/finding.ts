/** One thing that was looked at. `note`: it works, and somebody should know. */
export interface Finding {
  readonly about: string;
  readonly state: 'ok' | 'note' | 'missing';
  readonly says: string;
}

export type Check = () => Promise<readonly Finding[]>;

export function ok(about: string, says: string): Finding {
  return { about, state: 'ok', says };
}

export function note(about: string, says: string): Finding {
  return { about, state: 'note', says };
}

export function missing(about: string, says: string): Finding {
  return { about, state: 'missing', says };
}

/** A check that cannot be made has found something out as well, and keeps no other from being made. */
export async function findingsOf(about: string, check: Check): Promise<readonly Finding[]> {
  try {
    return await check();
  } catch (error) {
    return [missing(about, (error as Error).message)];
  }
}
