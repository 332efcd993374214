import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { messagesIn, paramsOf } from '../../src/telemetry/messages/messages.js';
import { reasonIn, REASONS } from '../../src/telemetry/messages/reasons.js';
import type { ReasonKey } from '../../src/telemetry/messages/reasons-en.js';

const KEYS = Object.keys(REASONS.en) as ReasonKey[];
const SOURCE = new URL('../../src/', import.meta.url).pathname;
const ZONES = ['domain', 'effects', 'integrations', 'sagas', 'queue'];

/** A value that every narrow place takes, too. */
const SAMPLE: Readonly<Record<string, string>> = {
  ...{ gate: 'check_ci_green', stage: 'deploy', count: '3', all: '30', seconds: '42', limit: '60', deploy: '12' },
  ...{ reason: 'words of nobody here', what: 'whatever it was', workItem: 'ET-001', repo: 'shop', by: 'plane:maria' },
};

function filled(template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => SAMPLE[name] ?? name);
}

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : [readFileSync(path, 'utf8')];
  });
}

/** Every text in the source, with a gap where something is put in. */
function textsInSource(): string {
  const code = ZONES.flatMap((zone) => sources(join(SOURCE, zone))).join('\n');
  return code.replaceAll(/\$\{(?:[^{}`]|`[^`]*`|\{[^{}]*\})*\}/g, '{}');
}

describe('the reasons that people are given', () => {
  test('are the same in all languages, with the same parameters', () => {
    expect(Object.keys(REASONS.ru).sort()).toEqual([...KEYS].sort());
    for (const key of KEYS) expect([key, paramsOf(REASONS.ru[key])]).toEqual([key, paramsOf(REASONS.en[key])]);
  });

  test('are worded as the code words them, so that none is missed when it is worded anew', () => {
    const texts = textsInSource();
    const missing = KEYS.filter((key) => !texts.includes(REASONS.en[key].replaceAll(/\{\w+\}/g, '{}')));
    expect(missing).toEqual(SPELT_IN_PIECES);
  });

  test.each(KEYS)('are recognised: %s', (key) => {
    expect(reasonIn('ru', filled(REASONS.en[key]))).toBe(filled(REASONS.ru[key]));
    expect(reasonIn('en', filled(REASONS.en[key]))).toBe(filled(REASONS.en[key]));
  });

  test.each([
    [
      'check_branch_mergeable: rebase onto main conflicts in src/a.js, src/b.js',
      'check_branch_mergeable: перенос на main конфликтует в src/a.js, src/b.js',
    ],
    ['merge refused: Does not have enough approvals', 'слияние отклонено: Does not have enough approvals'],
    [
      'shop is frozen: DEGRADED after deploy 12 of ET-001: 3 failed checks in a row, the last one: HTTP 503',
      'shop заморожен: DEGRADED, это выкладка 12 задачи ET-001: неудачных проверок подряд: 3, последняя: HTTP 503',
    ],
    [
      '3 failed checks in a row, the last one: HTTP 503; ORCH_POST_DEPLOY_AUTO_ROLLBACK is false',
      'неудачных проверок подряд: 3, последняя: HTTP 503; ORCH_POST_DEPLOY_AUTO_ROLLBACK равно false',
    ],
    ['shop is frozen: учения', 'shop заморожен: учения'],
    ['the map is upside down; and nobody saw it', 'the map is upside down; and nobody saw it'],
  ])('hold others, and the words of others stay as they were said: %s', (text, words) => {
    expect(reasonIn('ru', text)).toBe(words);
  });

  test('reach people in their language, what the gates said among them', () => {
    const ru = messagesIn('ru');
    expect(ru.text('production-held', { workItem: 'ET-001', reason: 'shop is frozen: a drill' })).toContain(
      'shop заморожен: a drill',
    );
    const verdicts = 'check_ci_green passed: CI green (task-7@12); check_tests_passed passed: result: PASS (task-7@20)';
    const shown = { workItem: 'ET-001', head: 'aaa', tree: 't', base: 'b', verdicts };
    expect(ru.text('confirmation-requested', shown)).toContain(
      'check_ci_green passed: CI зелёный (task-7@12); check_tests_passed passed: result: PASS (task-7@20)',
    );
    expect(messagesIn('en').text('confirmation-requested', shown)).toContain(verdicts);
  });
});

/** Put together where they are said. */
const SPELT_IN_PIECES: readonly ReasonKey[] = ['dead', 'lost-supervisor'];
