/** A `result` line: the end of a turn. A run can have several; costs are cumulative (agents-facts A3). */
export interface ResultLine {
  readonly subtype: string;
  readonly isError: boolean | null;
  readonly terminalReason: string | null;
  readonly apiErrorStatus: number | null;
  readonly text: string;
  readonly costUsd: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly turns: number | null;
  readonly denials: number;
}

/** What the model's API said last about a call that it did not answer. */
export interface ApiTrouble {
  readonly status: number | null;
  readonly error: string | null;
}

/** What a run has said so far. The set of line types is open: what is not known here is counted and passed over. */
export interface StreamSummary {
  readonly lines: number;
  readonly malformed: number;
  /** Answers of the model, sub-agents' included: one may come as several lines. */
  readonly turns: number;
  readonly toolCalls: number;
  /** What the agent said last and which tool it called last, shortened. */
  readonly lastText: string | null;
  readonly lastTool: string | null;
  /** Id of the newest answer. */
  readonly messageId: string | null;
  readonly sessionId: string | null;
  readonly version: string | null;
  /** As the first line says it; null where it does not. */
  readonly permissionMode: string | null;
  /** Newest first, at most two: an interrupted turn may follow the result that counts. */
  readonly results: readonly ResultLine[];
  /** The error of the newest assistant line; null when it has none. */
  readonly assistantError: string | null;
  /** Set while the API is being retried. */
  readonly retrying: ApiTrouble | null;
  /** The usage window is used up; `resetsAt` in seconds since the epoch, null when it was not said. */
  readonly usageLimit: { readonly resetsAt: number | null } | null;
}

export const NOTHING_SAID: StreamSummary = {
  lines: 0,
  malformed: 0,
  turns: 0,
  toolCalls: 0,
  lastText: null,
  lastTool: null,
  messageId: null,
  sessionId: null,
  version: null,
  permissionMode: null,
  results: [],
  assistantError: null,
  retrying: null,
  usageLimit: null,
};

type Fields = Readonly<Record<string, unknown>>;

/** Folds one line of output into the summary; a line that is no JSON object is counted and changes nothing else. */
export function takeLine(summary: StreamSummary, text: string): StreamSummary {
  const trimmed = text.trim();
  if (trimmed === '') return summary;
  const seen = { ...summary, lines: summary.lines + 1 };
  const line = parse(trimmed);
  if (line === null) return malformed(seen);
  const sessionId = textOf(line['session_id']) ?? seen.sessionId;
  return TAKE[String(line['type'])]?.({ ...seen, sessionId }, line) ?? { ...seen, sessionId };
}

export function takeUnreadable(summary: StreamSummary): StreamSummary {
  return malformed({ ...summary, lines: summary.lines + 1 });
}

const TAKE: Readonly<Record<string, (summary: StreamSummary, line: Fields) => StreamSummary>> = {
  system: takeSystem,
  assistant: takeAssistant,
  rate_limit_event: takeRateLimit,
  result: (summary, line) => ({
    ...summary,
    results: [resultFrom(line), ...summary.results].slice(0, 2),
    retrying: null,
  }),
};

function takeSystem(summary: StreamSummary, line: Fields): StreamSummary {
  if (line['subtype'] === 'init') return takeInit(summary, line);
  if (line['subtype'] !== 'api_retry') return summary;
  return { ...summary, retrying: { status: numberOf(line['error_status']), error: textOf(line['error']) } };
}

/** A run may begin more than one turn; a mode that is not what it was is the one that counts. */
function takeInit(summary: StreamSummary, line: Fields): StreamSummary {
  return {
    ...summary,
    version: textOf(line['claude_code_version']) ?? summary.version,
    permissionMode: textOf(line['permissionMode']) ?? summary.permissionMode,
  };
}

/** The usage on an assistant line is a placeholder from the start of the stream: it is never added up (agents-facts A4). */
function takeAssistant(summary: StreamSummary, line: Fields): StreamSummary {
  const message = fieldsOf(line['message']);
  const parts = Array.isArray(message['content']) ? message['content'].map(fieldsOf) : [];
  const calls = parts.filter((part) => part['type'] === 'tool_use');
  const messageId = textOf(message['id']);
  return {
    ...summary,
    turns: summary.turns + (messageId === null || messageId !== summary.messageId ? 1 : 0),
    toolCalls: summary.toolCalls + calls.length,
    lastText: lastOf(parts.map((part) => short(part['text']))) ?? summary.lastText,
    lastTool: lastOf(calls.map(callText)) ?? summary.lastTool,
    messageId,
    assistantError: textOf(line['error']),
    retrying: null,
  };
}

const WORDS_CHARS_MAX = 300;
/** The argument that tells most about a call, by how tools name it. */
const TELLING = ['command', 'file_path', 'path', 'pattern', 'url', 'description'];

function callText(call: Fields): string | null {
  const input = fieldsOf(call['input']);
  const telling = TELLING.map((name) => textOf(input[name])).find((text) => text !== null);
  return short([textOf(call['name']), telling].filter(Boolean).join(' '));
}

function short(text: unknown): string | null {
  if (typeof text !== 'string' || text.trim() === '') return null;
  const words = text
    .trim()
    .slice(0, WORDS_CHARS_MAX * 4)
    .replace(/\s+/g, ' ');
  return words.length > WORDS_CHARS_MAX ? `${words.slice(0, WORDS_CHARS_MAX)}…` : words;
}

function lastOf(texts: readonly (string | null)[]): string | null {
  return texts.filter((text) => text !== null).at(-1) ?? null;
}

function takeRateLimit(summary: StreamSummary, line: Fields): StreamSummary {
  const info = fieldsOf(line['rate_limit_info']);
  const isUsedUp = info['status'] === 'rejected' && info['isUsingOverage'] !== true;
  return { ...summary, usageLimit: isUsedUp ? { resetsAt: numberOf(info['resetsAt']) } : null };
}

function resultFrom(line: Fields): ResultLine {
  const isError = line['is_error'];
  return {
    subtype: textOf(line['subtype']) ?? '',
    isError: typeof isError === 'boolean' ? isError : null,
    terminalReason: textOf(line['terminal_reason']),
    apiErrorStatus: numberOf(line['api_error_status']),
    text: textOf(line['result']) ?? errorsOf(line),
    costUsd: numberOf(line['total_cost_usd']),
    ...tokensOf(line),
    turns: numberOf(line['num_turns']),
    denials: Array.isArray(line['permission_denials']) ? line['permission_denials'].length : 0,
  };
}

function errorsOf(line: Fields): string {
  return Array.isArray(line['errors']) ? line['errors'].map(String).join('; ') : '';
}

/** `modelUsage` counts sub-agents and helper calls; `usage` the main loop only, and is taken where there is nothing better. */
function tokensOf(line: Fields): Pick<ResultLine, 'inputTokens' | 'outputTokens'> {
  const models = Object.values(fieldsOf(line['modelUsage'])).map(fieldsOf);
  if (models.length > 0)
    return { inputTokens: sumOf(models, 'inputTokens'), outputTokens: sumOf(models, 'outputTokens') };
  const usage = fieldsOf(line['usage']);
  return { inputTokens: numberOf(usage['input_tokens']), outputTokens: numberOf(usage['output_tokens']) };
}

function sumOf(models: readonly Fields[], name: string): number | null {
  const counts = models.map((model) => numberOf(model[name])).filter((count) => count !== null);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

function malformed(summary: StreamSummary): StreamSummary {
  return { ...summary, malformed: summary.malformed + 1 };
}

function parse(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
