import type { Decider } from '../../kernel/decider.js';
import type { Recorded } from '../../kernel/event.js';
import { RecordSettings, type SettingsCommand } from './commands.js';
import type { SettingsEvent } from './events.js';

export interface SettingsState {
  readonly hash: string | null;
}

export const settingsDecider: Decider<SettingsCommand, SettingsEvent, SettingsState> = {
  category: 'settings',
  commands: [RecordSettings],
  events: { SettingsChanged: 1 },
  initial: { hash: null },
  evolve: (_state: SettingsState, event: Recorded<SettingsEvent>) => ({ hash: event.data.hash }),
  decide: (command: SettingsCommand, state: SettingsState) =>
    state.hash === command.payload.hash ? [] : [{ type: 'SettingsChanged', data: command.payload }],
};
