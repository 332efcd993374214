import { describe, test } from '@jest/globals';
import { RecordSettings } from '../../../src/domain/settings/commands.js';
import { settingsDecider } from '../../../src/domain/settings/decide.js';
import { given, wish } from '../../support/given.js';
import { DEFAULT_POLICY, policyWith } from '../../support/policy.js';

const first = wish(RecordSettings, { values: DEFAULT_POLICY, hash: 'hash-1', version: '1.0.0' });
const changed = wish(RecordSettings, { values: policyWith({ maxConcurrency: 2 }), hash: 'hash-2', version: '1.0.0' });

describe('The settings in force', () => {
  test('are recorded at the first start', () => {
    given(settingsDecider).when(first).then({ type: 'SettingsChanged', data: first.payload });
  });

  test('are not recorded again while they stay the same', () => {
    given(settingsDecider).when(first).thenNothingMore();
  });

  test('are recorded when they differ from the last recorded ones, even if they were in force once before', () => {
    given(settingsDecider).after(first).when(changed).thenTypes('SettingsChanged');
    given(settingsDecider).afterAll(first, changed).when(first).thenTypes('SettingsChanged');
  });
});
