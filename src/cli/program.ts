import { Command, CommanderError } from 'commander';
import { ConfigurationInvalid } from '../config/configuration-invalid.js';
import { VERSION } from '../config/version.js';
import { MomentRefused } from '../projections/event/moment.js';
import { CommandFailed } from './failure.js';

/** Carries out one command line and answers with its exit code; a command whose answer is "no" has said so itself. */
export async function carryOut(argv: readonly string[]): Promise<number> {
  try {
    await (await program(argv[0])).parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    const { exitCode, sentence } = failureOf(error);
    if (sentence !== null) process.stderr.write(`${sentence}\n`);
    return exitCode;
  }
}

/** Whoever asks for one command need not wait until the code of all the others is read. */
async function program(asked: string | undefined): Promise<Command> {
  const orchestrator = new Command('orchestrator')
    .description('Carries work items from a tracker to production on a forge.')
    .version(VERSION)
    .exitOverride()
    .showSuggestionAfterError();
  const known = COMMANDS.filter(({ names }) => asked !== undefined && names.includes(asked));
  for (const { add } of known.length > 0 ? known : COMMANDS) (await add())(orchestrator);
  return orchestrator;
}

interface CommandGroup {
  readonly names: readonly string[];
  readonly add: () => Promise<(program: Command) => void>;
}

const COMMANDS: readonly CommandGroup[] = [
  { names: ['serve'], add: async () => (await import('./serve.js')).addServe },
  { names: ['demo'], add: async () => (await import('./demo/demo-command.js')).addDemo },
  { names: ['doctor'], add: async () => (await import('./doctor.js')).addDoctor },
  { names: ['log'], add: async () => (await import('./log/commands.js')).addLog },
  { names: ['timeline'], add: async () => (await import('./timeline.js')).addTimeline },
  { names: ['status', 'queue'], add: async () => (await import('./views.js')).addViews },
  { names: ['replay'], add: async () => (await import('./replay/replay.js')).addReplay },
  { names: ['why'], add: async () => (await import('./why.js')).addWhy },
  {
    names: ['freeze', 'unfreeze', 'pause', 'resume', 'cancel', 'deps'],
    add: async () => (await import('./running/operator.js')).addOperator,
  },
];

interface Failure {
  readonly exitCode: number;
  /** Null: it has been said already. */
  readonly sentence: string | null;
}

function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2, sentence: null };
  const sentence = error instanceof Error ? error.message : String(error);
  if (error instanceof CommandFailed) return { exitCode: error.exitCode, sentence };
  return { exitCode: WRONG_USAGE.some((kind) => error instanceof kind) ? 2 : 3, sentence };
}

const WRONG_USAGE = [ConfigurationInvalid, MomentRefused] as const;
