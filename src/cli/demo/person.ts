import type { NotificationDelivered } from '../../domain/notification/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { RunningOrchestrator } from '../running/running-orchestrator.js';

const GESTURES: Readonly<Record<string, string>> = {
  ApprovalRequested: 'Approved',
  ConfirmationRequested: 'Confirm Deploy',
};

/** The person at the tracker, who answers what is asked once the item shows that it is asked. */
export class Person {
  private asked: string | null = null;

  constructor(private readonly service: RunningOrchestrator) {}

  /** The status that the item was moved to, if it was. */
  async answer(event: RecordedEvent): Promise<string | null> {
    this.asked = GESTURES[event.type] ?? this.asked;
    if (this.asked === null || !showsTheQuestion(event)) return null;
    const status = this.asked;
    this.asked = null;
    await this.service.post(`/sandbox/work-items/${event.metadata.$correlationId}/status`, { status });
    return status;
  }
}

function showsTheQuestion({ type, data }: RecordedEvent): boolean {
  if (type !== 'NotificationDelivered') return false;
  const { channel, text } = data as NotificationDelivered['data'];
  return channel === 'item-status' && text === 'In Review';
}
