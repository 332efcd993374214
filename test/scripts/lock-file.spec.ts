import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}
interface LockFile {
  readonly missingFrom: (lock: Lock) => readonly { readonly name: string; readonly version: string }[];
}

/** A plain script without types: as a string, its path is of no interest to the compiler. */
const script: string = '../../scripts/setup/lock-file.mjs';
const { missingFrom }: LockFile = await import(script);

describe('the lock file', () => {
  test('has an entry for every optional package, those of other systems included, or a clean install is refused', () => {
    expect(missingFrom(JSON.parse(readFileSync('package-lock.json', 'utf8')))).toEqual([]);
  });

  test('names no host that packages came from', () => {
    expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/"resolved":/);
  });

  test('lacks an optional package that stands neither beside the one that asks for it nor above it', () => {
    const optionalDependencies = { here: '1.0.0', above: '2.0.0', lost: '3.0.0' };
    const packages = {
      'node_modules/a/node_modules/@s/b': { optionalDependencies },
      'node_modules/a/node_modules/@s/b/node_modules/here': {},
      'node_modules/above': {},
      'node_modules/c/node_modules/lost': {},
    };
    expect(missingFrom({ packages })).toEqual([{ name: 'lost', version: '3.0.0' }]);
  });
});
