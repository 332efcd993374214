import { Artifacts } from './artifacts.js';
import { readAssignment } from './brief.js';
import { delayMsOf, directivesFor } from './directives.js';
import { misbehaviourOf } from './misbehaviour.js';
import { PARTS, type Scene } from './roles.js';
import { Transcript } from './transcript.js';

/**
 * Stands in for Claude Code's headless mode: unknown arguments are ignored, nothing is read from standard input, nothing is
 * committed. What it does follows from the brief and the worktree alone.
 */
async function main(): Promise<number> {
  const assignment = readAssignment(process.env);
  const transcript = new Transcript((line) => process.stdout.write(line));
  const scene: Scene = {
    ...{ root: process.cwd(), assignment, directives: directivesFor(assignment), transcript },
    artifacts: new Artifacts(assignment.artifactsDir),
  };
  transcript.init();
  transcript.says(`I am the ${assignment.role} of ${assignment.workItem}: ${assignment.title}`);
  await new Promise((done) => setTimeout(done, delayMsOf(assignment, process.argv)));
  const ending = misbehaviourOf(scene);
  if (ending === 'hang') return new Promise(() => setInterval(() => undefined, 60_000));
  if (ending !== null) return ending.exitCode;
  return play(scene);
}

function play(scene: Scene): number {
  const part = PARTS[scene.assignment.role];
  if (!part) {
    scene.transcript.failed(`No script for the role ${scene.assignment.role}`, null);
    return 1;
  }
  const lastWord = part(scene);
  scene.transcript.says(lastWord);
  scene.transcript.succeeded(lastWord);
  return 0;
}

// As the real one: an interrupt while it waits ends with 0 and without a result, a termination with 143.
process.on('SIGINT', () => process.exit(0));
process.on('SIGTERM', () => process.exit(143));

process.exitCode = await main();
