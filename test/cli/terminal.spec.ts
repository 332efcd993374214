import { describe, expect, test } from '@jest/globals';
import { isColoured } from '../../src/cli/terminal/colours.js';
import { fitted } from '../../src/cli/terminal/width.js';

describe('colours', () => {
  test.each([
    ['on a terminal', { isTTY: true }, {}, true],
    ['not on a terminal that has none', { isTTY: true }, { TERM: 'dumb' }, false],
    ['not where NO_COLOR is set', { isTTY: true }, { NO_COLOR: '1' }, false],
    ['not in a pipe', {}, {}, false],
    ['not in a pipe of a build server', {}, { CI: 'true' }, false],
    ['in a pipe that asks for them', {}, { FORCE_COLOR: '1' }, true],
  ])('%s', (_, output, env, expected) => {
    expect(isColoured(output, env)).toBe(expected);
  });
});

describe('a line that is wider than the terminal', () => {
  test('is cut, and says so', () => {
    expect(fitted('twelve signs', 12)).toBe('twelve signs');
    expect(fitted('twelve signs', 11)).toBe('twelve sig…');
  });

  test('is measured without its colours, and ends them', () => {
    const line = '\u001b[2m12:00\u001b[22m  \u001b[31mTaskSentBack\u001b[39m';
    expect(fitted(line, 19)).toBe(line);
    expect(fitted(line, 12)).toBe('\u001b[2m12:00\u001b[22m  \u001b[31mTask…\u001b[39m');
    expect(fitted(line, 4)).toBe('\u001b[2m12:…\u001b[22m\u001b[31m\u001b[39m');
  });

  test('goes whole into a file or a pipe', () => {
    expect(fitted('x'.repeat(500), Infinity)).toHaveLength(500);
  });
});
