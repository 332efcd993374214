import { isIPv4 } from 'node:net';
import type { Problem } from '../configuration-invalid.js';
import type { Environment, Variable } from './environment.js';

/** A rule between several variables. It is asked only when each of them is right by itself. */
interface Rule {
  readonly reads: readonly Variable[];
  /** The broken rule as a problem, or null. */
  check(env: Environment): Problem | null;
}

const RULES: readonly Rule[] = [
  {
    reads: ['ORCH_HOST', 'ORCH_API_TOKEN'],
    check: (env) =>
      isLoopback(env.ORCH_HOST) || env.ORCH_API_TOKEN !== ''
        ? null
        : {
            where: 'ORCH_HOST',
            given: JSON.stringify(env.ORCH_HOST),
            allowed: 'a loopback address; any other only together with ORCH_API_TOKEN',
          },
  },
  needs('ORCH_PLANE_URL', 'ORCH_PLANE_WEBHOOK_SECRET', "the webhook's secret"),
  needs('ORCH_PLANE_URL', 'ORCH_PLANE_API_TOKEN', 'an API token'),
  needs('ORCH_PLANE_URL', 'ORCH_PLANE_WORKSPACE', "the workspace's slug"),
  needs('ORCH_GITEA_URL', 'ORCH_GITEA_WEBHOOK_SECRET', "the webhook's secret"),
  needs('ORCH_GITEA_URL', 'ORCH_GITEA_TOKEN', 'an access token'),
  needs('ORCH_GITEA_URL', 'ORCH_GITEA_OWNER', 'the user or organisation that owns the repositories'),
  needs('ORCH_TELEGRAM_BOT_TOKEN', 'ORCH_TELEGRAM_CHAT_ID', 'the id of the chat that is written to'),
  {
    reads: [
      'ORCH_REAPER_MAX_RUNNING_S',
      'ORCH_REAPER_FINALIZE_GRACE_S',
      'ORCH_AGENT_TIMEOUT_S',
      'ORCH_AGENT_TIMEOUT_OVERRIDES_JSON',
      'ORCH_AGENT_KILL_GRACE_S',
    ],
    check: reaperCeiling,
  },
];

export function inconsistencies(env: Environment, wrong: ReadonlySet<string>): readonly Problem[] {
  return RULES.filter((rule) => !rule.reads.some((variable) => wrong.has(variable)))
    .map((rule) => rule.check(env))
    .filter((problem) => problem !== null);
}

function needs(having: Variable, needed: Variable, what: string): Rule {
  return {
    reads: [having, needed],
    check: (env) =>
      env[having] === '' || env[needed] !== ''
        ? null
        : { where: needed, given: 'nothing', allowed: `${what}, because ${having} is set` },
  };
}

/** AMB-10: below this the reaper would end runs that are still within their own time-out. */
function reaperCeiling(env: Environment): Problem | null {
  const longest = Math.max(env.ORCH_AGENT_TIMEOUT_S, ...Object.values(env.ORCH_AGENT_TIMEOUT_OVERRIDES_JSON));
  const least = longest + env.ORCH_AGENT_KILL_GRACE_S + env.ORCH_REAPER_FINALIZE_GRACE_S;
  if (env.ORCH_REAPER_MAX_RUNNING_S > least) return null;
  return {
    where: 'ORCH_REAPER_MAX_RUNNING_S',
    given: String(env.ORCH_REAPER_MAX_RUNNING_S),
    allowed:
      `more than ${least}: the largest agent time-out (${longest}) + ORCH_AGENT_KILL_GRACE_S ` +
      `(${env.ORCH_AGENT_KILL_GRACE_S}) + ORCH_REAPER_FINALIZE_GRACE_S (${env.ORCH_REAPER_FINALIZE_GRACE_S})`,
  };
}

function isLoopback(host: string): boolean {
  return ['localhost', '::1', '[::1]'].includes(host) || (isIPv4(host) && host.startsWith('127.'));
}
