import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

interface Install {
  readonly isInstalled: (root: string) => boolean;
  readonly markInstalled: (root: string) => void;
}
interface Build {
  readonly isBuilt: (root: string) => boolean;
  readonly markBuilt: (root: string, startedAt: Date) => void;
}

/** Plain scripts without types: as strings, their paths are of no interest to the compiler. */
const install: string = '../../scripts/setup/install.mjs';
const build: string = '../../scripts/setup/build.mjs';
const { isInstalled, markInstalled }: Install = await import(install);
const { isBuilt, markBuilt }: Build = await import(build);

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'orchestrator-setup-'));
});

afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, text = ''): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

function age(file: string, seconds: number): void {
  const then = new Date(Date.now() - seconds * 1000);
  utimesSync(join(root, file), then, then);
}

const lock = (version: string): string =>
  JSON.stringify({
    packages: {
      '': {},
      'node_modules/a': { version },
      'node_modules/only-on-another-system': { version: '1.0.0', optional: true },
    },
  });

describe('dependencies', () => {
  beforeEach(() => {
    write('package-lock.json', lock('1.0.0'));
  });

  const installByNpm = (version: string): void => {
    write('node_modules/.package-lock.json', lock(version));
    write('node_modules/sqlite3/build/Release/node_sqlite3.node');
  };

  test('are missing on a fresh clone', () => {
    expect(isInstalled(root)).toBe(false);
  });

  test('are there after the set-up has marked them, until the lock file changes', () => {
    write('node_modules/a/package.json');
    markInstalled(root);
    expect(isInstalled(root)).toBe(true);
    write('package-lock.json', lock('2.0.0'));
    expect(isInstalled(root)).toBe(false);
  });

  test('of an interrupted installation are not believed', () => {
    write('node_modules/a/package.json');
    write('node_modules/sqlite3/build/Release/node_sqlite3.node');
    expect(isInstalled(root)).toBe(false);
  });

  test('that somebody installed by hand are taken as they are, if they are those of the lock file', () => {
    installByNpm('1.0.0');
    expect(isInstalled(root)).toBe(true);
  });

  test('that somebody installed by hand in other versions are not', () => {
    installByNpm('0.9.0');
    expect(isInstalled(root)).toBe(false);
  });

  test('without the native module of SQLite are not complete', () => {
    write('node_modules/.package-lock.json', lock('1.0.0'));
    expect(isInstalled(root)).toBe(false);
  });
});

describe('the build', () => {
  beforeEach(() => {
    for (const file of ['src/main.ts', 'src/kernel/clock.ts', 'tsconfig.json', 'nest-cli.json', 'package-lock.json'])
      write(file);
    for (const path of ['src/main.ts', 'src/kernel/clock.ts', 'src/kernel', 'src', 'tsconfig.json', 'nest-cli.json'])
      age(path, 60);
    age('package-lock.json', 60);
    write('dist/main.js');
  });

  test('is repeated when it was interrupted', () => {
    expect(isBuilt(root)).toBe(false);
  });

  test('is not repeated while nothing changed', () => {
    markBuilt(root, new Date());
    expect(isBuilt(root)).toBe(true);
  });

  test.each(['src/kernel/clock.ts', 'tsconfig.json', 'package-lock.json'])('is repeated when %s changed', (file) => {
    markBuilt(root, new Date(Date.now() - 30_000));
    expect(isBuilt(root)).toBe(true);
    write(file, 'changed');
    expect(isBuilt(root)).toBe(false);
  });

  test('is repeated when a source was deleted', () => {
    markBuilt(root, new Date(Date.now() - 30_000));
    rmSync(join(root, 'src/kernel/clock.ts'));
    expect(isBuilt(root)).toBe(false);
  });

  test('is repeated when a source changed while it ran', () => {
    const startedAt = new Date(Date.now() - 10_000);
    age('src/main.ts', 5);
    markBuilt(root, startedAt);
    expect(isBuilt(root)).toBe(false);
  });
});

describe('two set-ups at once', () => {
  const lockModule = join(process.cwd(), 'scripts/setup/lock.mjs');
  const script = `
    const { alone } = await import(${JSON.stringify(lockModule)});
    const { appendFileSync } = await import('node:fs');
    await alone(process.cwd(), () => {}, () => {
      appendFileSync('story', 'in ');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      appendFileSync('story', 'out ');
    });`;
  const run = (): Promise<unknown> =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: root });

  test('work one after the other', async () => {
    await Promise.all([run(), run(), run()]);
    expect(readFileSync(join(root, 'story'), 'utf8')).toBe('in out in out in out ');
  });

  test('do not wait for one that was killed', async () => {
    write('.tmp/setup.lock', '999999999');
    await run();
  });
});
