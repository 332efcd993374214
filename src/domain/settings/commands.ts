import { Command } from '../../kernel/command.js';
import type { SettingsChanged } from './events.js';

export class RecordSettings extends Command<SettingsChanged['data']> {
  readonly type = 'RecordSettings';
}

export type SettingsCommand = RecordSettings;
