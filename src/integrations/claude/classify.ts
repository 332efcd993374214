import { toIso } from '../../kernel/time.js';
import type { AgentReport, ExitRecord, FailureClass } from '../agent-runner.js';
import { PERMISSION_MODE } from './capabilities.js';
import type { ApiTrouble, ResultLine, StreamSummary } from './stream-json.js';

export type RunFailure = NonNullable<AgentReport['failure']>;

/** The words of an API failure as the fields give them; the text is asked only where they are silent. */
interface ApiFailure {
  readonly status: number | null;
  readonly error: string | null;
  readonly text: string;
}

interface Kind {
  readonly class: FailureClass;
  readonly transient: boolean;
}

const REASON_CHARS_MAX = 500;
const COMMAND_NOT_FOUND = 127;

/** The result that counts: an agent that was helped out after its result may have printed an interrupted turn behind it. */
export function countedResult(summary: StreamSummary, exit: ExitRecord): ResultLine | null {
  const [last, before] = summary.results;
  const isInterrupted = exit.stoppedBecause === 'linger' && (last?.terminalReason?.startsWith('aborted') ?? false);
  return (isInterrupted ? before : undefined) ?? last ?? null;
}

/** Null: the run succeeded (agents-facts A3). Nothing weaker: a polite last word with exit code 0 is not a success. */
export function failureOf(summary: StreamSummary, exit: ExitRecord, stderr: string): RunFailure | null {
  if (isUnruled(summary)) return unruled(summary);
  return failureOfRuled(summary, exit, stderr);
}

function failureOfRuled(summary: StreamSummary, exit: ExitRecord, stderr: string): RunFailure | null {
  const result = countedResult(summary, exit);
  if (exit.stoppedBecause !== null && exit.stoppedBecause !== 'linger') return stopped(summary, exit.stoppedBecause);
  if (result === null) return withoutResult(summary, exit, stderr);
  if (!isSuccess(result)) return failedResult(summary, result);
  if (exit.stoppedBecause === 'linger' || (exit.exitCode === 0 && exit.signal === null)) return null;
  return failure(
    { class: 'crash', transient: false },
    `the agent gave a result and then ended with ${endOf(exit)}`,
    stderr,
  );
}

/** The mode is asked for in the settings only: another one says that they were not taken, and no rule in them held (agents-facts A9). */
function isUnruled({ permissionMode }: StreamSummary): boolean {
  return permissionMode !== null && permissionMode !== PERMISSION_MODE;
}

function unruled({ permissionMode, version }: StreamSummary): RunFailure {
  const what = `the agent (${version ?? 'unknown version'}) ran with permission mode ${permissionMode} instead of ${PERMISSION_MODE}`;
  return failure(
    { class: 'settings-ignored', transient: false },
    `${what}: it did not take its settings, so nothing that it did counts`,
  );
}

function isSuccess(result: ResultLine): boolean {
  const { subtype, isError, terminalReason } = result;
  return subtype === 'success' && isError === false && (terminalReason === null || terminalReason === 'completed');
}

const STOPPED: Readonly<Record<string, readonly [FailureClass, string]>> = {
  timeout: ['timeout', 'the run was over its time'],
  silence: ['timeout', 'the run said nothing for too long'],
  stopped: ['crash', 'the run was stopped on request'],
};

/** A run that was stopped while the API was not answering has failed for the API's reason. */
function stopped(summary: StreamSummary, because: string): RunFailure {
  const { retrying } = summary;
  const [name, what] = STOPPED[because] ?? ['agent-error', `the run was stopped: ${because}`];
  if (retrying === null || name !== 'timeout') return failure({ class: name, transient: false }, what);
  const kind = kindOf({ ...retrying, text: '' }) ?? TRANSIENT('network');
  return failure(kind, `${what} while the API was being tried again: ${retrying.error ?? retrying.status}`);
}

function failedResult(summary: StreamSummary, result: ResultLine): RunFailure {
  const what = result.text === '' ? (result.terminalReason ?? result.subtype) : result.text;
  if (!isApiFailure(result)) return failure({ class: 'agent-error', transient: false }, `${result.subtype}: ${what}`);
  const error = summary.assistantError;
  return apiFailure(summary, { status: result.apiErrorStatus, error, text: result.text }, what);
}

/** An API that failed for good ends with the subtype `success` and `is_error` (agents-facts A3). */
function isApiFailure(result: ResultLine): boolean {
  return result.apiErrorStatus !== null || (result.subtype === 'success' && result.isError !== false);
}

function withoutResult(summary: StreamSummary, exit: ExitRecord, stderr: string): RunFailure {
  const api = lastTrouble(summary);
  if (api !== null)
    return apiFailure(summary, { ...api, text: '' }, `no result; the API said ${api.error ?? api.status}`);
  if (exit.exitCode === COMMAND_NOT_FOUND) {
    return failure({ class: 'crash', transient: false }, 'the agent command cannot be run', stderr);
  }
  const ended = `the agent ended with ${endOf(exit)} and gave no result`;
  if (exit.exitCode === 0) return failure({ class: 'no-result', transient: false }, ended, stderr);
  return failure(kindOfText(stderr) ?? { class: 'crash', transient: false }, ended, stderr);
}

function lastTrouble({ retrying, assistantError }: StreamSummary): ApiTrouble | null {
  return retrying ?? (assistantError === null ? null : { status: null, error: assistantError });
}

function apiFailure(summary: StreamSummary, api: ApiFailure, what: string): RunFailure {
  const isLimit = api.status === 429 || api.error === 'rate_limit' || USAGE_LIMIT.test(api.text);
  if (isLimit && summary.usageLimit !== null) {
    return {
      ...failure({ class: 'usage-limit', transient: true }, what),
      resetsAt: resetOf(summary.usageLimit.resetsAt),
    };
  }
  return failure(kindOf(api) ?? { class: 'agent-error', transient: false }, what);
}

const TRANSIENT = (name: FailureClass): Kind => ({ class: name, transient: true });
/** Nothing gets better by trying again: a key, a login or money is missing, and a person has to see to it. */
const NO_ACCESS: Kind = { class: 'authentication', transient: false };

/** `402913 tokens` is no HTTP 402: the text is only asked for whole phrases, and last (agents-facts A5). */
const BILLING = /credit balance is too low|spend(ing)? limit/i;
const USAGE_LIMIT = /you've hit your .{0,40}limit|usage limit reached/i;
const NO_LOGIN = /invalid api key|not logged in|please run \/login|oauth token has expired/i;
const NO_CONNECTION =
  /\b(ECONNRESET|ECONNREFUSED|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)\b|connection (refused|dropped|error)|request timed out/i;

const BY_ERROR: Readonly<Record<string, Kind>> = {
  billing_error: NO_ACCESS,
  authentication_failed: NO_ACCESS,
  oauth_org_not_allowed: NO_ACCESS,
  rate_limit: TRANSIENT('rate-limit'),
  overloaded: TRANSIENT('overload'),
  server_error: TRANSIENT('network'),
};

function kindOf(api: ApiFailure): Kind | null {
  if (api.error === 'billing_error' || BILLING.test(api.text)) return NO_ACCESS;
  if (api.status === 429 && USAGE_LIMIT.test(api.text)) return TRANSIENT('usage-limit');
  return kindOfStatus(api.status) ?? BY_ERROR[api.error ?? ''] ?? kindOfText(api.text);
}

function kindOfStatus(status: number | null): Kind | null {
  if (status === null) return null;
  if (status === 429) return TRANSIENT('rate-limit');
  if (status >= 500) return TRANSIENT('overload');
  if (status === 408) return TRANSIENT('network');
  return status === 401 || status === 403 ? NO_ACCESS : null;
}

function kindOfText(text: string): Kind | null {
  if (NO_LOGIN.test(text)) return NO_ACCESS;
  if (USAGE_LIMIT.test(text)) return TRANSIENT('usage-limit');
  return NO_CONNECTION.test(text) ? TRANSIENT('network') : null;
}

function failure(kind: Kind, what: string, stderr = ''): RunFailure {
  const words = [what, stderr.trim()].filter(Boolean).join('; stderr: ');
  return { ...kind, reason: words.replace(/\s+/g, ' ').slice(0, REASON_CHARS_MAX), resetsAt: null };
}

/** Only the field is trusted: the text names a time without its day, in whatever zone (agents-facts A5). */
function resetOf(seconds: number | null): string | null {
  return seconds === null ? null : toIso(seconds * 1_000);
}

function endOf(exit: ExitRecord): string {
  return exit.signal === null ? `exit code ${exit.exitCode ?? 'unknown'}` : exit.signal;
}
