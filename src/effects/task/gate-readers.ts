import type { GateReading } from '../../domain/task/commands.js';
import type { GateCheckRequested } from '../../domain/task/events.js';
import { STAGE_TABLE } from '../../domain/task/stages.js';
import type { CombinedStatus, Forge, Review } from '../../integrations/forge.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import { isInMergeGate, type Policy } from '../../kernel/pipeline/policy.js';
import type { Gate } from '../../kernel/pipeline/stage.js';
import type { ProjectCommands } from './project-commands.js';
import { absent, readVerdict, VERDICT_FILES } from './verdicts.js';

type Check = GateCheckRequested['data'];
type Read = (check: Check) => Promise<GateReading>;

/** What is asked of the project itself. */
export interface ReadCommands extends Pick<ProjectCommands, 'stagingRevision'> {
  readonly localTests: Read;
}

/** Reads the world for each gate, and only reads: the same functions serve webhook, reconciler and reaper (QG-03, QG-04). */
export class GateReaders {
  private readonly readers: Readonly<Partial<Record<Gate, Read>>> = {
    check_analysis_complete: (check) => this.analysisComplete(check),
    check_architecture_done: (check) => this.architectureDone(check),
    check_ci_green: (check) => this.ciGreen(check),
    check_tests_local: (check) => this.project.localTests(check),
    check_review_approved: (check) => this.reviewApproved(check),
    check_branch_mergeable: (check) => this.branchMergeable(check),
    check_staging_image_fresh: (check) => this.stagingFresh(check),
  };

  constructor(
    private readonly worktrees: Worktrees,
    private readonly forge: Forge,
    private readonly project: ReadCommands,
    private readonly policy: Policy,
  ) {}

  /** In order; what comes after the first gate that is not green is not read. */
  async read(check: Check): Promise<readonly GateReading[]> {
    const readings: GateReading[] = [];
    for (const gate of check.gates) {
      const reading = await this.readOne(gate, check);
      readings.push(reading);
      if (reading.answer !== 'passed') break;
    }
    return readings;
  }

  private readOne(gate: Gate, check: Check): Promise<GateReading> {
    const verdict = VERDICT_FILES[gate];
    if (verdict) return readVerdict(gate, verdict, check, this.worktrees);
    const read = this.readers[gate];
    return read ? read(check) : Promise.resolve(absent(gate, 'only a person can answer this gate'));
  }

  private async analysisComplete(check: Check): Promise<GateReading> {
    const gate = 'check_analysis_complete';
    for (const file of STAGE_TABLE.analysis.artifacts) {
      const path = `docs/work-items/${check.workItem}/${file}`;
      const text = await this.worktrees.fileAt(check.repo, check.commit.head, path);
      if (text === null) return absent(gate, `${file} is missing`, { path });
      if (text.trim() === '') return absent(gate, `${file} is empty`, { path });
    }
    return { gate, answer: 'passed', reason: 'the analysis set is complete', evidence: { head: check.commit.head } };
  }

  private async architectureDone(check: Check): Promise<GateReading> {
    const gate = 'check_architecture_done';
    const folder = `docs/work-items/${check.workItem}/06-adr`;
    const files = await this.worktrees.filesAt(check.repo, check.commit.head, folder);
    const record = files.find((file) => /(^|\/)ADR-[^/]*\.md$/.test(file));
    if (!record) return absent(gate, 'no 06-adr/ADR-*.md on the branch', { folder });
    return { gate, answer: 'passed', reason: 'an architecture decision is recorded', evidence: { path: record } };
  }

  private async ciGreen(check: Check): Promise<GateReading> {
    const { head } = check.commit;
    const { status, changedAt } = await this.forge.combinedStatus(check.repo, head);
    return { gate: 'check_ci_green', ...CI_ANSWERS[status], evidence: { head, ...since(changedAt) } };
  }

  private async reviewApproved(check: Check): Promise<GateReading> {
    const gate = 'check_review_approved';
    if (check.pullRequest === null) return absent(gate, 'there is no pull request');
    const reviews = await this.forge.reviews(check.repo, check.pullRequest);
    return reviewAnswer(reviews.filter((review) => review.commit === check.commit.head && !review.dismissed));
  }

  /** Where the merge gate is in force it acts instead, under the lease; who only looks is told that it may be asked (MG-31). */
  private branchMergeable(check: Check): Promise<GateReading> {
    const reason = isInMergeGate(this.policy, check.repo)
      ? 'the merge gate brings the branch up to date'
      : `no merge gate is in force for ${check.repo}: the merge itself demands the expected head`;
    return Promise.resolve({
      gate: 'check_branch_mergeable',
      answer: 'passed',
      reason,
      evidence: { head: check.commit.head },
    });
  }

  /**
   * UNK-24: compares the code that staging says it runs with the code to be deployed, which is the default branch's where the change has
   * landed already; commits that only add documents void nothing.
   */
  private async stagingFresh(check: Check): Promise<GateReading> {
    const gate = 'check_staging_image_fresh';
    const revision = await this.project.stagingRevision(check.repo);
    if (revision.kind === 'not-configured') {
      return { gate, answer: 'passed', reason: 'no staging revision is configured to compare with', evidence: {} };
    }
    if (revision.kind === 'error') return absent(gate, `the staging revision cannot be read: ${revision.reason}`);
    const expected = check.landed ?? check.commit;
    const evidence = { staging: revision.revision, expected: expected.head };
    const staged = await this.worktrees.stateOf(check.repo, revision.revision).catch(() => null);
    if (staged?.codeTree === expected.codeTree) {
      return { gate, answer: 'passed', reason: 'staging runs this code', evidence };
    }
    const reason = `staging runs ${revision.revision}, whose code is not that of ${expected.head}`;
    return { gate, answer: 'outdated', reason, evidence };
  }
}

/** When what was read last changed: how late a webhook of it is, or a poll, is measured by this. */
function since(changedAt: string | null): { readonly changedAt?: string } {
  return changedAt === null ? {} : { changedAt };
}

/** WHG-08: nobody has said anything is not the same as somebody said no. */
const CI_ANSWERS: Readonly<Record<CombinedStatus, Pick<GateReading, 'answer' | 'reason'>>> = {
  success: { answer: 'passed', reason: 'CI green' },
  failure: { answer: 'failed', reason: 'CI red' },
  pending: { answer: 'absent', reason: 'CI is still running' },
  absent: { answer: 'absent', reason: 'no CI status for this commit' },
};

function reviewAnswer(reviews: readonly Review[]): GateReading {
  const gate = 'check_review_approved';
  const newest = new Map(
    reviews.filter((review) => review.state !== 'other').map((review) => [review.reviewer, review]),
  );
  const objection = [...newest.values()].find((review) => review.state === 'changes-requested');
  if (objection) return { gate, answer: 'failed', reason: `${objection.reviewer} requested changes`, evidence: {} };
  const approval = [...newest.values()].find((review) => review.state === 'approved');
  if (!approval) return absent(gate, 'nobody has approved this head');
  return {
    gate,
    answer: 'passed',
    reason: `approved by ${approval.reviewer}`,
    evidence: { head: approval.commit, ...since(approval.at) },
  };
}
