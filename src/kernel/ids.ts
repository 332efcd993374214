import { v5 } from 'uuid';

const NAMESPACE = '0b6b9a3e-6e0c-5c0e-9f0b-6c2f3f5f1a10';

/** The same parts give the same id, for ever: commands of a saga, events of a command, keys of an effect. */
export function deriveId(...parts: readonly (string | number)[]): string {
  return v5(parts.join('\u0000'), NAMESPACE);
}
