import { describe, expect, test } from '@jest/globals';
import { Environment, VARIABLES, type Variable } from '../../src/config/variables/environment.js';
import { POLICY_PATHS, type PolicyVariable } from '../../src/config/variables/policy-variables.js';
import type { EventLog } from '../../src/event-log/event-log.js';
import { BEYOND, UNREAD } from '../../src/forensics/what-if/settings/beyond.js';
import { overridesFrom, valueAt } from '../../src/forensics/what-if/settings/overrides.js';
import type { WhatIfReport } from '../../src/forensics/what-if/report.js';
import { whatIf } from '../../src/forensics/what-if/what-if.js';
import type { Policy } from '../../src/kernel/pipeline/policy.js';
import { DEFAULT_POLICY } from '../support/policy.js';
import { INCIDENTS, type Incident } from './recording/incidents.js';
import { incident, inMemory } from './recording/log-text.js';

const NAMES = Object.keys(INCIDENTS) as Incident[];
const logs = new Map(
  await Promise.all(NAMES.map(async (name) => [name, await inMemory(await incident(name))] as const)),
);

async function asked(name: Incident, ...set: readonly string[]): Promise<WhatIfReport> {
  const log = logs.get(name) ?? (await inMemory([]));
  const range = { after: 0, until: await log.head() };
  return whatIf(log, { settings: overridesFrom(set).settings, range, policy: DEFAULT_POLICY });
}

/** As it is written in `.env`. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Another value that is allowed. */
function otherThan(variable: Variable, value: unknown): string {
  if (variable.endsWith('_JSON')) return variable.startsWith('ORCH_AGENT') ? '{"developer":60}' : '{"review":5}';
  if (typeof value === 'boolean') return String(!value);
  return typeof value === 'number' ? String(value + 1) : 'another';
}

const isRead = (variable: Variable): variable is PolicyVariable => variable in POLICY_PATHS;
const read = VARIABLES.filter(isRead);
const unread = VARIABLES.filter((variable) => !isRead(variable));

describe('every setting that decisions look at', () => {
  test.each(NAMES)('as it was in force in %s, changes nothing that happened', async (name) => {
    const [changed] = await (logs.get(name) as EventLog).readAll({ types: ['SettingsChanged'] });
    const { values } = changed?.data as { readonly values: Policy };
    const report = await asked(
      name,
      ...read.map((variable) => `${variable}=${textOf(valueAt(values, POLICY_PATHS[variable]))}`),
    );
    expect(report.settings.map(({ variable }) => variable)).toEqual(read);
    expect(report).toMatchObject({ differences: [], unknown: [], notReproducible: 0 });
  });

  test.each(read)(
    '%s with another value is answered: what differs, from what it follows, and what it shapes besides',
    async (variable) => {
      for (const name of NAMES) {
        const { settings, differences, notReproducible } = await asked(
          name,
          `${variable}=${otherThan(variable, valueAt(DEFAULT_POLICY, POLICY_PATHS[variable]))}`,
        );
        expect(settings).toMatchObject([{ variable, beyond: BEYOND[variable] }]);
        expect(notReproducible).toBe(0);
        for (const { number, why, recorded, counterfactual, follows } of differences) {
          expect(follows ?? 0).toBeLessThan(number);
          expect(why).not.toBe('');
          expect(counterfactual).not.toEqual(recorded);
        }
      }
    },
  );
});

describe('every other setting', () => {
  test.each(unread)('%s is answered with what it is for, and why nothing of it can be computed', (variable) => {
    const given = new Environment()[variable];
    const set = `${variable}=${typeof given === 'string' && given === '' ? '' : textOf(given)}`;
    expect(overridesFrom([set])).toEqual({
      settings: [],
      unread: [{ variable, why: UNREAD[variable] }],
    });
    expect(UNREAD[variable]).toMatch(/^it /);
  });
});

test('a name that is near to none is answered with those that count', () => {
  expect(() => overridesFrom(['SPEED=fast'])).toThrow(/^SPEED is no setting; decisions look at ORCH_MAX_CONCURRENCY, /);
});
