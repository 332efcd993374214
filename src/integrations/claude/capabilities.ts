/** What a role can reach. The tool set is the wall; the rules inside it are a fence. */
export interface Capabilities {
  readonly tools: readonly string[];
  readonly allow: readonly string[];
}

const READING = ['Read', 'Glob', 'Grep'];
const WRITING = ['Edit', 'Write'];
const LOOKING_AT_CHANGES = ['diff', 'log', 'show', 'status'].map((command) => `Bash(git ${command}:*)`);

/** A path from the root of the file system is written with two slashes in a permission rule. */
function writingBelow(directory: string): string[] {
  return WRITING.map((tool) => `${tool}(/${directory}/**)`);
}

export function capabilitiesOf(role: string, worktree: string, artifactsDirectory: string): Capabilities {
  const artifacts = [...READING, ...writingBelow(artifactsDirectory)];
  switch (role) {
    case 'developer':
      return { tools: [...READING, ...WRITING, 'Bash'], allow: [...READING, ...writingBelow(worktree), 'Bash'] };
    case 'tester':
    case 'deployer':
      return { tools: [...READING, ...WRITING, 'Bash'], allow: [...artifacts, 'Bash'] };
    case 'reviewer':
      return { tools: [...READING, ...WRITING, 'Bash'], allow: [...artifacts, ...LOOKING_AT_CHANGES] };
    default:
      return { tools: [...READING, ...WRITING], allow: artifacts };
  }
}

export const PERMISSION_MODE = 'dontAsk';

/**
 * The first line of a run that did not take its settings. Quotation marks that a tool or a person quotes come with a backslash before
 * them, so that nothing said in the run looks like this line.
 */
export const WITHOUT_SETTINGS = `^(?=.*"type"\\s*:\\s*"system")(?=.*"subtype"\\s*:\\s*"init").*"permissionMode"\\s*:\\s*"(?!${PERMISSION_MODE}")`;

/** The permission mode stands only here, so that a run whose settings were not taken shows it in its first line (agents-facts A9). */
export function settingsText(capabilities: Capabilities): string {
  const permissions = { defaultMode: PERMISSION_MODE, allow: capabilities.allow };
  return `${JSON.stringify({ permissions }, null, 2)}\n`;
}
