import { GATES, isTerminal } from '../../kernel/pipeline/stage.js';
import type { CauseKind } from './task-causes.js';
import type { WhyFacts } from './why-facts.js';

/** What the task comes to next, as a sentence for people. */
export function nextFor(facts: WhyFacts): string | null {
  const { task, job } = facts;
  if (isTerminal(task.stage)) return null;
  if (job?.status === 'running') return `the ${job.agent} (job ${job.id}) ends and its work is published`;
  if (job) return `the ${job.agent} (job ${job.id}) starts`;
  return nextStep(facts);
}

type Sentence = (stage: string, detail: string | null) => string;

/** In the order in which they matter. */
const STEPS: readonly (readonly [CauseKind, Sentence])[] = [
  ['escalation', (stage) => `the work of ${stage} starts again`],
  ['failure', (stage) => `the work of ${stage} starts again`],
  ['confirmation', () => 'the change is merged and deployed to production'],
  ['approval', () => 'architecture begins'],
  ['merge', () => 'what is merged is deployed'],
  ['work', (stage, by) => (by === 'agent' ? `a job for ${stage} is queued` : `the ${by} ends`)],
  ['gate-check', (stage) => `the gates of ${stage} are answered`],
  ...GATES.map((gate): [CauseKind, Sentence] => [gate, (stage) => `${stage} is left once its gates are green`]),
];

function nextStep({ task: { stage }, causes }: WhyFacts): string {
  for (const [kind, sentence] of STEPS) {
    const cause = causes.get(kind);
    if (cause) return sentence(stage, cause.detail);
  }
  return `${stage} goes on`;
}
