import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'dotenv';
import { VARIABLES } from '../../src/config/variables/environment.js';
import { loadConfig } from '../../src/config/load-config.js';
import { folderWith } from './loading.js';

const text = readFileSync(join(process.cwd(), '.env.example'), 'utf8');

describe('.env.example', () => {
  test('lists every setting and nothing else', () => {
    expect(Object.keys(parse(text)).sort()).toEqual([...VARIABLES].sort());
  });

  test('says what every setting means, on the line above it', () => {
    const lines = text.split('\n');
    const unexplained = lines.filter(
      (line, index) => /^ORCH_/.test(line) && !/^# \w.*\.$/.test(lines[index - 1] ?? ''),
    );
    expect(unexplained).toEqual([]);
  });

  test('changes nothing when it is copied to .env as it is', () => {
    const cwd = folderWith();
    expect(loadConfig(parse(text), cwd)).toEqual(loadConfig({}, cwd));
  });
});
