import { Command } from '../../kernel/command.js';
import type { ChangeNoticed, SourceName } from './events.js';

/** Something happened out there, and the pipeline has taken it in: told by a webhook, or found by a poll. */
export class ReportChange extends Command<ChangeNoticed['data']> {
  readonly type = 'ReportChange';
}

/** A webhook of the source arrived, whatever it said; `delivery` is the position of its event. */
export class ReportWebhook extends Command<{ readonly source: SourceName; readonly delivery: number }> {
  readonly type = 'ReportWebhook';
}

export type SourceCommand = ReportChange | ReportWebhook;
