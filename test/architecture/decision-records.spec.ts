import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const FOLDER = 'docs/adr';
const names = readdirSync(FOLDER).sort();

describe('the decision records', () => {
  test('are numbered from 1 on, without a gap and none twice', () => {
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1));
  });

  test('say their number in their title', () => {
    const titled = names.filter((name) =>
      readFileSync(`${FOLDER}/${name}`, 'utf8').startsWith(`# ${Number(name.slice(0, 4))}. `),
    );
    expect(titled).toEqual(names);
  });
});
