import type { RecordedEvent } from '../../src/kernel/event.js';

export function leftBehind(folder: string, events: readonly RecordedEvent[]): Promise<readonly string[]>;
