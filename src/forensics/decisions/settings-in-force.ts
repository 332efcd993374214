import type { SettingsChanged } from '../../domain/settings/events.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { settingsAt } from '../../projections/event/settings-at.js';

/** Which settings decisions were taken under, as a reader of the log comes along. */
export class SettingsInForce {
  private constructor(
    private readonly otherwise: Policy,
    private current: Policy,
    private recorded: boolean,
  ) {}

  /** As they were after `position`; `otherwise` is taken where the log has recorded none yet. */
  static async after(log: EventLog, position: Position, otherwise: Policy): Promise<SettingsInForce> {
    const values = position === 0 ? null : await settingsAt(log, position);
    return new SettingsInForce(otherwise, values ? completed(values, otherwise) : otherwise, values !== null);
  }

  get policy(): Policy {
    return this.current;
  }

  /** Whether they are of the log, and not of whoever reads it. */
  get areRecorded(): boolean {
    return this.recorded;
  }

  hear(event: RecordedEvent): void {
    if (event.type !== 'SettingsChanged') return;
    this.current = completed((event.data as SettingsChanged['data']).values, this.otherwise);
    this.recorded = true;
  }
}

/** Settings of an earlier release lack those that were added since. */
export function completed(values: Policy, otherwise: Policy): Policy {
  const groups = Object.entries(otherwise).map(([name, value]: [string, unknown]) => {
    const recorded: unknown = values[name as keyof Policy];
    return [name, isGroup(value) && isGroup(recorded) ? { ...value, ...recorded } : (recorded ?? value)];
  });
  return { ...values, ...(Object.fromEntries(groups) as Policy) };
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
