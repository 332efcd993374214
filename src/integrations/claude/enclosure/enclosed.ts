import type { ProcessSpec } from '../../agent-runner.js';

/** One place of the machine, as the agent sees it. Paths are real ones: no link on the way. */
export type Mount =
  /** An empty folder instead of what is there. */
  | { readonly at: string; readonly as: 'empty-folder' | 'empty-file' }
  | { readonly at: string; readonly as: 'readable' | 'writable' }
  /** Another folder is seen here. */
  | { readonly at: string; readonly as: 'writable'; readonly from: string };

/** What a root user without privileges could still write to: it is the owner (measured with bubblewrap 0.8). */
const KERNEL_SETTINGS = ['/proc/sys', '/proc/sysrq-trigger'];

const NAMESPACES = ['user-try', 'pid', 'ipc', 'uts', 'cgroup-try'].map((name) => `--unshare-${name}`);

/**
 * The same process with the machine read-only around it, alone in its `/proc`, and gone with whoever started it. An interrupt
 * is meant for the agent: bubblewrap would end at once on it, and everything inside with it, before a result is printed.
 */
export function enclosed(spec: ProcessSpec, mounts: readonly Mount[]): ProcessSpec {
  const enclosure = [
    ...['bwrap', '--die-with-parent', ...NAMESPACES, '--cap-drop', 'ALL'],
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
    ...KERNEL_SETTINGS.flatMap((path) => ['--ro-bind-try', path, path]),
    ...outermostFirst(mounts).flatMap(argumentsFor),
    ...['--chdir', spec.cwd, '--'],
  ];
  const heard = ['env', '--default-signal=INT,TERM'];
  return {
    ...spec,
    command: 'env',
    args: ['--ignore-signal=INT,TERM', ...enclosure, ...heard, spec.command, ...spec.args],
  };
}

/** A later mount covers what an earlier one shows, so a folder comes before what lies in it. */
function outermostFirst(mounts: readonly Mount[]): readonly Mount[] {
  return [...mounts].sort((one, other) => depthOf(one.at) - depthOf(other.at));
}

function depthOf(path: string): number {
  return path.split('/').filter(Boolean).length;
}

function argumentsFor(mount: Mount): readonly string[] {
  switch (mount.as) {
    case 'empty-folder':
      return ['--tmpfs', mount.at];
    case 'empty-file':
      return ['--ro-bind', '/dev/null', mount.at];
    case 'readable':
      return ['--ro-bind', mount.at, mount.at];
    case 'writable':
      return ['--bind', 'from' in mount ? mount.from : mount.at, mount.at];
  }
}
