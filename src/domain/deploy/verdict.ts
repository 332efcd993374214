import type { ReportDeployEnded } from './commands.js';
import type { Environment } from './events.js';

export interface DeployVerdict {
  readonly verdict: 'SUCCESS' | 'FAILED';
  readonly reason: string;
  readonly waived: readonly string[];
}

/**
 * The hook's exit code decides (UNK-08), unless it printed checks on staging: then every REAL check has to pass, and failed
 * SANDBOX_INFRA checks are waived where the switch allows it (ST-06, ST-07, ST-08). A hook that ended in another way than by
 * saying pass or fail may not have come to its REAL checks, so nothing is waived for it.
 */
export function deployVerdict(
  ended: ReportDeployEnded['payload'],
  environment: Environment,
  toleratesInfra: boolean,
): DeployVerdict {
  if (ended.stoppedBecause !== null) return { verdict: 'FAILED', reason: ended.stoppedBecause, waived: [] };
  const failed = ended.checks.filter((check) => !check.ok);
  if (environment === 'production' || ended.checks.length === 0) return byExitCode(ended.exitCode);
  const real = failed.filter((check) => check.kind === 'REAL');
  if (real.length > 0) return { verdict: 'FAILED', reason: `failed checks: ${names(real)}`, waived: [] };
  if (failed.length === 0 || !saysPassOrFail(ended)) return byExitCode(ended.exitCode);
  if (!toleratesInfra)
    return { verdict: 'FAILED', reason: `failed infrastructure checks: ${names(failed)}`, waived: [] };
  const waived = failed.map((check) => check.check);
  return { verdict: 'SUCCESS', reason: `all real checks passed; waived: ${names(failed)}`, waived };
}

function saysPassOrFail({ exitCode, checks }: ReportDeployEnded['payload']): boolean {
  return (exitCode === 0 || exitCode === 1) && checks.some((check) => check.kind === 'REAL');
}

function byExitCode(exitCode: number | null): DeployVerdict {
  if (exitCode === 0) return { verdict: 'SUCCESS', reason: 'the hook reports healthy (exit 0)', waived: [] };
  const reason =
    exitCode === 1
      ? 'the hook failed and restored the previous state (exit 1)'
      : `the hook failed and did not restore the previous state (exit ${exitCode ?? 'unknown'}); a person must look`;
  return { verdict: 'FAILED', reason, waived: [] };
}

function names(checks: readonly { readonly check: string }[]): string {
  return checks.map((check) => check.check).join(', ');
}
