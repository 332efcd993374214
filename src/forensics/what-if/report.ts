import type { Position } from '../../kernel/event.js';

/** One thing that would have gone otherwise. */
export interface Otherwise {
  /** From 1, in the order in which it would have happened. */
  readonly number: number;
  readonly kind: 'decision' | 'claim' | 'not-asked' | 'asked';
  /** Of the recorded decision; null for something that the log has not. */
  readonly position: Position | null;
  readonly at: string;
  readonly stream: string;
  readonly workItem: string;
  readonly command: string;
  /** As sentences; `nothing` where nothing happened. */
  readonly recorded: readonly string[];
  readonly counterfactual: readonly string[];
  readonly why: string;
  /** The number of what it follows from; null for what the settings do by themselves. */
  readonly follows: number | null;
}

export interface SettingCompared {
  readonly variable: string;
  readonly value: unknown;
  /** What was in force at the beginning of the part that was looked at. */
  readonly recorded: unknown;
  /** How many decisions looked at it. */
  readonly reads: number;
  /** What it shapes beside decisions, and why that cannot be taken back; null where decisions are all of it. */
  readonly beyond: string | null;
}

export interface WhatIfReport {
  readonly from: Position;
  readonly to: Position;
  readonly settings: readonly SettingCompared[];
  readonly decisions: number;
  readonly differences: readonly Otherwise[];
  /** What cannot be computed, as sentences. */
  readonly unknown: readonly string[];
  /** Decisions that come to something else under their own settings already: `replay verify` names them. */
  readonly notReproducible: number;
}
