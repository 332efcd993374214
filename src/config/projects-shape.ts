import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
import { parse, printParseErrorCode } from 'jsonc-parser';
import type { ParseError } from 'jsonc-parser';
import type { StatusKey } from '../kernel/pipeline/stage.js';
import type { Problem } from './configuration-invalid.js';
import { didYouMean } from './variables/unknown-variables.js';

/** An entry that the schema has accepted and filled with its defaults. */
export interface ProjectEntry {
  readonly repo: string;
  readonly prefix: string;
  readonly planeProjectId: string;
  readonly defaultBranch: string;
  readonly cloneUrl?: string;
  readonly testCommand: string;
  readonly ci: 'forge' | 'local';
  readonly review: 'artifact' | 'forge';
  readonly artifacts: 'branch' | 'merge';
  readonly statusNames: Readonly<Partial<Record<StatusKey, string>>>;
  readonly staging: TargetEntry;
  readonly production: TargetEntry & { readonly rollbackCommand?: string; readonly confirm?: 'human' | 'auto' };
}

interface TargetEntry {
  readonly command?: string;
  readonly healthUrl?: string;
  readonly revisionCommand?: string;
  readonly revisionUrl?: string;
}

interface Shape {
  readonly entries: readonly ProjectEntry[];
  readonly problems: readonly Problem[];
}

/** The schema at the root of the repository decides; it is the same file that an editor reads. */
const matchesSchema = new Ajv({ allErrors: true, useDefaults: true, verbose: true, strict: true }).compile<{
  readonly projects: readonly ProjectEntry[];
}>(JSON.parse(readFileSync(new URL('../../projects.schema.json', import.meta.url), 'utf8')) as object);

export function checkShape(text: string, name: string): Shape {
  const errors: ParseError[] = [];
  const content: unknown = parse(text, errors, { allowTrailingComma: true });
  if (errors[0] !== undefined) return { entries: [], problems: [syntaxProblem(errors[0], text, name)] };
  if (matchesSchema(content)) return { entries: content.projects, problems: [] };
  return { entries: [], problems: (matchesSchema.errors ?? []).map((error) => problemOf(error, name)) };
}

function syntaxProblem(error: ParseError, text: string, name: string): Problem {
  const line = text.slice(0, error.offset).split('\n').length;
  return { where: `${name}, line ${line}`, given: printParseErrorCode(error.error), allowed: 'JSON, with comments' };
}

function problemOf(error: ErrorObject, name: string): Problem {
  const { missingProperty, additionalProperty } = error.params as Record<string, string>;
  const key = missingProperty ?? additionalProperty;
  const path = error.instancePath + (key === undefined ? '' : `/${key}`);
  const where = `${name}, ${readable(path) || 'the whole file'}`;
  if (missingProperty !== undefined) return { where, given: 'nothing', allowed: 'a value, because it is required' };
  if (additionalProperty !== undefined) return unknownKey(error, where, additionalProperty);
  return { where, given: JSON.stringify(error.data), allowed: allowedBy(error) };
}

function unknownKey(error: ErrorObject, where: string, key: string): Problem {
  const known = Object.keys((error.parentSchema as { properties: object }).properties);
  return { where, given: `an unknown key${didYouMean(key, known)}`, allowed: known.join(', ') };
}

function allowedBy(error: ErrorObject): string {
  const schema = error.parentSchema as { description?: string; enum?: readonly string[] };
  return schema.enum?.join(', ') ?? schema.description ?? error.message ?? 'what projects.schema.json says';
}

/** `/projects/0/ci` → `projects[0].ci`. */
function readable(path: string): string {
  return path
    .replace(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.')
    .replace(/^\./, '');
}
