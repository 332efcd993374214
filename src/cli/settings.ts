import type { Policy } from '../kernel/pipeline/policy.js';

/** For a log that has recorded none yet. */
export async function settingsOf(): Promise<{ readonly policy: Policy; readonly pollIntervalS: number }> {
  const { loadConfig } = await import('../config/load-config.js');
  const { policyOf } = await import('../config/policy.js');
  const config = loadConfig(process.env, process.cwd());
  return { policy: policyOf(config), pollIntervalS: config.queue.pollIntervalS };
}
