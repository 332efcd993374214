import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'dotenv';

const ROOTS = ['src', 'test', 'scripts', 'migrations'];
/** A sample project that the sandbox hands out, and recordings of other systems. */
const NOT_OURS = /node_modules|^src\/sandbox\/sample\/|^test\/fixtures\//;
const FILES_PER_FOLDER_MAX = 12;
/** Only in comments, because Todo is also the name of a status; in pieces, so that this file is not its own finding. */
const OPEN_ENDS = new RegExp(String.raw`(//|\*|#|--|<!--).*\b(${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\b`);
const DRAWERS = /(^|[-.])(utils?|helpers?|common|shared|misc|manager|service)([-.]|$)/i;

const entries = ROOTS.flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => join(root, name)),
).filter((path) => !NOT_OURS.test(path));
const folders = entries.filter((path) => statSync(path).isDirectory());
const files = entries.filter((path) => statSync(path).isFile());
const texts = files.filter((path) => /[.](ts|mjs|js|css|html|sql)$/.test(path));

describe('the tree', () => {
  test(`has no folder with more than ${FILES_PER_FOLDER_MAX} files`, () => {
    const filesIn = (folder: string): number =>
      readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()).length;
    const crowded = [...ROOTS, ...folders].filter((folder) => filesIn(folder) > FILES_PER_FOLDER_MAX);
    expect(crowded.map((folder) => `${folder}: ${filesIn(folder)}`)).toEqual([]);
  });

  test('has no file or folder that is named for a drawer instead of a thing', () => {
    expect(entries.filter((path) => DRAWERS.test(basename(path)))).toEqual([]);
  });

  test('has no barrel', () => {
    expect(files.filter((path) => /^index[.](ts|js|mjs)$/.test(basename(path)))).toEqual([]);
  });

  test('names every file in kebab case', () => {
    const code = files.filter((path) => /[.](ts|mjs|js|sql)$/.test(path)).map((path) => basename(path));
    expect(code.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*([.][a-z]+)+$/.test(name))).toEqual([]);
  });

  test('has no open end: what is to be done is a task, not a comment', () => {
    expect(texts.filter((path) => OPEN_ENDS.test(readFileSync(path, 'utf8')))).toEqual([]);
  });

  test('has no test that is left out', () => {
    const leftOut = /\b(it|test|describe)[.](only|skip|todo)\(|\bx(it|describe)\(/;
    expect(texts.filter((path) => leftOut.test(readFileSync(path, 'utf8')))).toEqual([]);
  });
});

describe('a variable of the environment', () => {
  const example = readFileSync('.env.example', 'utf8');
  const namesIn = (text: string): string[] => text.match(/\bORCH_[A-Z0-9_]*[A-Z0-9]\b/g) ?? [];
  const sources = texts.filter((path) => path.startsWith('src/'));
  const used = new Set(sources.flatMap((path) => namesIn(readFileSync(path, 'utf8'))));

  test('that the source names stands in .env.example', () => {
    const known = new Set(namesIn(example));
    expect([...used].filter((name) => !known.has(name) && !name.startsWith('ORCH_TEST_'))).toEqual([]);
  });

  test('that stands in .env.example is read by the source', () => {
    expect(Object.keys(parse(example)).filter((name) => !used.has(name))).toEqual([]);
  });
});
