import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.js';

type Level = 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal';

/** What Nest tells of its own start is for whoever looks into it. */
const FRAMEWORK: ReadonlySet<string> = new Set([
  ...['NestFactory', 'NestApplication', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'GraphQLModule'],
]);

/** Nest throws it on, and whoever started us says it in a sentence. */
const RETHROWN = 'ExceptionHandler';

/** Where `new Logger('effects').warn(…)` of any zone ends: one line whose `logger` is `orchestrator.effects` (OBS-07). */
export class NestLog implements LoggerService {
  constructor(private readonly sink: Log) {}

  log(message: unknown, ...rest: readonly unknown[]): void {
    this.write('info', message, rest);
  }

  error(message: unknown, ...rest: readonly unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: readonly unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: readonly unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: readonly unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: readonly unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const { context, details } = apart(rest);
    const framework = context !== null && FRAMEWORK.has(context);
    const logger = framework ? `nest.${context}` : `orchestrator${context === null ? '' : `.${context}`}`;
    const fields = Object.assign({ logger }, ...[message, ...details].map(fieldsOf)) as object;
    const isTold = (framework && level === 'info') || context === RETHROWN;
    this.sink[isTold ? 'debug' : level](fields, sentenceOf(message, details));
  }
}

/** Nest puts the name of the logger last, behind whatever else was given. */
function apart(rest: readonly unknown[]): { readonly context: string | null; readonly details: readonly unknown[] } {
  const last = rest.at(-1);
  const given = rest.filter((detail) => detail !== undefined && detail !== null);
  if (typeof last !== 'string' || isStack(last)) return { context: null, details: given };
  return { context: last, details: given.slice(0, -1) };
}

function fieldsOf(detail: unknown): object {
  if (detail instanceof Error) return { err: detail };
  if (typeof detail === 'string') return isStack(detail) ? { stack: detail } : {};
  return typeof detail === 'object' && detail !== null ? detail : {};
}

function sentenceOf(message: unknown, details: readonly unknown[]): string | undefined {
  const words = [message, ...details].filter((part) => !isStack(part)).flatMap(wordsOf);
  return words.length > 0 ? words.join(' ') : undefined;
}

function wordsOf(part: unknown, index: number): readonly string[] {
  if (part instanceof Error) return index === 0 ? [part.message] : [];
  return typeof part === 'string' || typeof part === 'number' ? [String(part)] : [];
}

function isStack(part: unknown): boolean {
  return typeof part === 'string' && /\n\s+at .+:\d+:\d+/.test(part);
}
