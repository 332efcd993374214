import type { GateReading } from '../../domain/task/commands.js';
import type { GateCheckRequested } from '../../domain/task/events.js';
import type { Gate } from '../../kernel/pipeline/stage.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import { createHash } from 'node:crypto';
import { readFrontmatter } from './frontmatter.js';

/** Where a verdict is written and which words mean what (ART-12..15); a closed list, so anything else is no verdict. */
interface VerdictFile {
  readonly file: string;
  readonly key: string;
  readonly passed: string;
  readonly failed: string;
}

export const VERDICT_FILES: Readonly<Partial<Record<Gate, VerdictFile>>> = {
  check_reviewer_verdict: { file: '12-review.md', key: 'verdict', passed: 'APPROVED', failed: 'REQUEST_CHANGES' },
  check_tests_passed: { file: '13-test-report.md', key: 'result', passed: 'PASS', failed: 'FAIL' },
  check_deploy_status: { file: '14-deploy-log.md', key: 'deploy_status', passed: 'SUCCESS', failed: 'FAILED' },
  check_staging_status: { file: '15-staging-log.md', key: 'staging_status', passed: 'SUCCESS', failed: 'FAILED' },
};

/** Reads one verdict. It counts only as a run of the current visit wrote it: same path, same content, in the list of what was written. */
export async function readVerdict(
  gate: Gate,
  verdict: VerdictFile,
  check: GateCheckRequested['data'],
  worktrees: Worktrees,
): Promise<GateReading> {
  const path = `docs/work-items/${check.workItem}/${verdict.file}`;
  const written = check.artifacts.find((artifact) => artifact.path === path);
  if (!written) return absent(gate, `${verdict.file} was not written in this visit`, { path });
  const text = await worktrees.fileAt(check.repo, check.commit.head, path);
  if (text === null) return absent(gate, `${verdict.file} is not on the branch`, { path });
  const evidence = { path, digest: written.digest, head: check.commit.head };
  if (digestOf(text) !== written.digest) {
    return absent(gate, `${verdict.file} on the branch is not the one that the run wrote`, evidence);
  }
  return judged(gate, verdict, text, evidence);
}

function judged(gate: Gate, verdict: VerdictFile, text: string, evidence: GateReading['evidence']): GateReading {
  const frontmatter = readFrontmatter(text);
  if (frontmatter.kind === 'unreadable') return absent(gate, `${verdict.file}: ${frontmatter.reason}`, evidence);
  const value = frontmatter.values[verdict.key];
  if (value === verdict.passed)
    return { gate, answer: 'passed', reason: `${verdict.key}: ${verdict.passed}`, evidence };
  if (value === verdict.failed)
    return { gate, answer: 'failed', reason: `${verdict.key}: ${verdict.failed}`, evidence };
  const found = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
  const reason = `${verdict.file}: key ${verdict.key} ${found}, allowed are ${verdict.passed} and ${verdict.failed}`;
  return absent(gate, reason, evidence);
}

export function absent(gate: Gate, reason: string, evidence: GateReading['evidence'] = {}): GateReading {
  return { gate, answer: 'absent', reason, evidence };
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
