import picocolors from 'picocolors';

interface Output {
  readonly isTTY?: boolean;
}

/** Only what a person sees on a terminal is coloured, never a file or a pipe, whatever runs us. */
export function isColoured({ isTTY = false }: Output, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return true;
  return isTTY && env['TERM'] !== 'dumb';
}

export const colours = picocolors.createColors(isColoured(process.stdout, process.env));
