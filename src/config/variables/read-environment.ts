import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { ValidationError } from 'class-validator';
import type { Problem } from '../configuration-invalid.js';
import { Environment, SECRETS, VARIABLES } from './environment.js';
import type { Variable } from './environment.js';

/** A blank variable counts as absent, so that `NAME=` in a file means its default. */
export function readEnvironment(variables: NodeJS.ProcessEnv): { environment: Environment; problems: Problem[] } {
  const given = VARIABLES.map((name) => [name, (variables[name] ?? '').trim()] as const).filter(
    ([, text]) => text !== '',
  );
  const texts = Object.fromEntries(given);
  const environment = plainToInstance(Environment, texts);
  const errors = validateSync(environment, { stopAtFirstError: true });
  return { environment, problems: errors.map((error) => problemOf(error, texts[error.property] ?? '')) };
}

function problemOf(error: ValidationError, text: string): Problem {
  const allowed = Object.values(error.constraints ?? {})[0] ?? 'another value';
  return { where: error.property, given: shown(error.property as Variable, text), allowed };
}

/** A password inside an address is as secret as a secret of its own. */
function shown(variable: Variable, text: string): string {
  if (SECRETS.includes(variable)) return 'a secret, not shown';
  return JSON.stringify(text.replace(/\/\/[^/@\s]*@/, '//***@'));
}
