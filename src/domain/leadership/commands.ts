import { Command } from '../../kernel/command.js';

export class TakeLead extends Command<{
  readonly holder: string;
  readonly host: string;
  /** The term that the holder has watched and found silent; null where nobody leads. */
  readonly silentTerm: number | null;
}> {
  readonly type = 'TakeLead';
}

export class ResignLead extends Command<{ readonly term: number }> {
  readonly type = 'ResignLead';
}

export type LeadershipCommand = TakeLead | ResignLead;
