import type { SettingsChanged } from '../../domain/settings/events.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { Position } from '../../kernel/event.js';
import type { Policy } from '../../kernel/pipeline/policy.js';

/** The settings that were in force after `position`; null before the first start. */
export async function settingsAt(log: EventLog, position: Position): Promise<Policy | null> {
  const reading = { types: ['SettingsChanged'], after: position + 1, direction: 'backwards', limit: 1 } as const;
  const [changed] = await log.readAll(reading);
  return (changed?.data as SettingsChanged['data'] | undefined)?.values ?? null;
}
