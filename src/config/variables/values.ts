import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsNumber, Matches, Max, Min, ValidateBy } from 'class-validator';
import { parse as splitWords } from 'shell-quote';

/**
 * The kinds of value that a variable may have, one decorator each: how its text is read and what is allowed. A text that
 * cannot be read stays as it is, so that the check after it fails and the message can show it.
 */
function setting(read: (text: string) => unknown, ...checks: PropertyDecorator[]): PropertyDecorator {
  return (target, key) => {
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? read(value) : value))(target, key);
    for (const check of checks) check(target, key);
  };
}

export function Text(): PropertyDecorator {
  return setting((text) => text);
}

export function Flag(): PropertyDecorator {
  const words: Readonly<Record<string, boolean>> = { true: true, false: false };
  return setting((text) => words[text] ?? text, IsBoolean({ message: 'true or false' }));
}

export function OneOf(words: readonly string[]): PropertyDecorator {
  return setting((text) => text, IsIn(words, { message: words.join(', ') }));
}

export function Whole(min: number, max: number = Number.MAX_SAFE_INTEGER): PropertyDecorator {
  const bounds = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const options = { message: `a whole number ${bounds}` };
  return setting(toNumber, IsInt(options), Min(min, options), Max(max, options));
}

/** A length of time; decimals are welcome. More than 24 days would overflow a timer and fire at once. */
export function Seconds(min: number = 0.001): PropertyDecorator {
  const options = { message: `seconds, a number from ${min} to 2000000, decimals allowed` };
  return setting(toNumber, IsNumber({}, options), Min(min, options), Max(2_000_000, options));
}

export function Amount(): PropertyDecorator {
  const options = { message: 'a number of at least 0, decimals allowed' };
  return setting(toNumber, IsNumber({}, options), Min(0, options));
}

export function HttpUrl(): PropertyDecorator {
  const allowed = 'an address such as https://host.example, with http or https, without user and password';
  return setting((text) => text.replace(/\/+$/, ''), check('httpUrl', allowed, isHttpUrl));
}

export function Pattern(pattern: RegExp, allowed: string): PropertyDecorator {
  return setting((text) => text, Matches(pattern, { message: allowed }));
}

/** Strict, because a token that is dropped silently would widen the scope to every repository (AMB-17). */
export function RepoList(): PropertyDecorator {
  const allowed =
    'repository names with commas between them, each made of letters, digits, dot, underscore and hyphen only';
  const read = (text: string): string[] => text.split(',').map((token) => token.trim());
  return setting(read, check('repoList', allowed, isListOfRepos));
}

/** Words as a shell would split them; nothing is expanded, and a pipe or a redirection is refused. */
export function CommandLine(): PropertyDecorator {
  const read = (text: string): unknown => splitWords(text, (name) => `$${name}`).map(literalWord);
  return setting(read, check('commandLine', 'one command with its arguments, without pipes or redirections', isWords));
}

export function SecondsPer(keys: readonly string[]): PropertyDecorator {
  const allowed = `a JSON object of seconds above 0, with the keys ${keys.join(', ')}`;
  return setting(
    toJson,
    check('secondsPer', allowed, (value) => isSecondsPer(keys, value)),
  );
}

function check(name: string, allowed: string, validate: (value: unknown) => boolean): PropertyDecorator {
  return ValidateBy({ name, validator: { validate, defaultMessage: () => allowed } });
}

/** Only what a person writes as a number: no hexadecimal, no exponent, no blank that would count as 0. */
function toNumber(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function isHttpUrl(value: unknown): boolean {
  if (value === '') return true;
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const url = new URL(value);
  return ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '';
}

function isListOfRepos(value: unknown): boolean {
  return Array.isArray(value) && value.every((token) => typeof token === 'string' && /^[A-Za-z0-9._-]+$/.test(token));
}

/** What the shell would take for a file pattern is a plain word here. */
function literalWord(word: ReturnType<typeof splitWords>[number]): unknown {
  return typeof word === 'object' && 'op' in word && word.op === 'glob' ? word.pattern : word;
}

function isWords(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string');
}

export function isSecondsPer(keys: readonly string[], value: unknown): value is Record<string, number> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([key, seconds]) => keys.includes(key) && isSeconds(seconds));
}

function isSeconds(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 && value <= 2_000_000;
}
