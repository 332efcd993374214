import type { DeliveryReceived, StatusEntered } from '../domain/inbox/events.js';
import { ReportChange, ReportWebhook } from '../domain/source/commands.js';
import type { ChangeNoticed, SourceName } from '../domain/source/events.js';
import type { GateCheckAnswered, TaskUnblocked } from '../domain/task/events.js';
import { numberOf, type Recorded } from '../kernel/event.js';
import { fromIso } from '../kernel/time.js';
import { send, type Saga, type SagaCommand } from './saga.js';

type Heard = Recorded<DeliveryReceived | StatusEntered | GateCheckAnswered | TaskUnblocked>;

/** Measures what webhooks tell against what polls find, and how late either is (WHP-21, RC-31). */
export const sourcesSaga: Saga = {
  name: 'sources',
  types: ['DeliveryReceived', 'StatusEntered', 'GateCheckAnswered', 'TaskUnblocked'],
  react: (event) => reactTo(event as Heard),
};

function reactTo(event: Heard): readonly SagaCommand[] {
  switch (event.type) {
    case 'DeliveryReceived':
      return [heardFrom(event.data.source, numberOf(event))];
    case 'StatusEntered':
      return gesture(event);
    case 'GateCheckAnswered':
      return toldByForge(event);
    case 'TaskUnblocked':
      return event.data.source === null ? [] : [change(event, event.data.source, 'poll', event.data.changedAt)];
  }
}

function heardFrom(source: SourceName, delivery: number): SagaCommand {
  return send(ReportWebhook, streamOf(source), { source, delivery }, { correlationId: streamOf(source) });
}

function streamOf(source: SourceName): string {
  return `source-${source}`;
}

/** Our own entries come back and are no news; an item that is seen for the first time as it stands was missed by nobody. */
function gesture(event: Recorded<StatusEntered>): readonly SagaCommand[] {
  const { ours, via, enteredAt = null } = event.data;
  if (ours || (via === 'poll' && enteredAt === null)) return [];
  return [change(event, 'plane', via, enteredAt)];
}

/** Of the forge's webhooks those count that moved a task: it sends many that say nothing new. */
function toldByForge(event: Recorded<GateCheckAnswered>): readonly SagaCommand[] {
  const { green, trigger = '', changedAt = null } = event.data;
  return green && trigger.startsWith('gitea:') ? [change(event, 'gitea', 'webhook', changedAt)] : [];
}

/** Belongs to the story of the source, not of the item. */
function change(
  event: Heard,
  source: SourceName,
  via: ChangeNoticed['data']['via'],
  madeAt: string | null,
): SagaCommand {
  const delayMs = madeAt === null ? null : Math.max(0, fromIso(event.recordedAt) - fromIso(madeAt));
  const noticed = { source, change: numberOf(event), subject: event.metadata.$correlationId, via, delayMs };
  return send(ReportChange, streamOf(source), noticed, { correlationId: streamOf(source) });
}
