/** The parts of Plane's REST v1 bodies that are read or written here. The real bodies carry more keys. */

/** Every list. `next_cursor` is there on the last page too: only `next_page_results` says whether to go on. */
export interface PlanePage<T> {
  readonly next_cursor: string;
  readonly next_page_results: boolean;
  readonly results: readonly T[];
}

export interface PlaneState {
  readonly id: string;
  readonly name: string;
  readonly group: string;
}

export interface PlaneWorkItem {
  readonly id: string;
  readonly name: string;
  /** Null for an item that was never described. */
  readonly description_html: string | null;
  /** In webhook bodies and in newer servers only. */
  readonly description_stripped?: string | null;
  readonly sequence_id: number;
  /** A uuid in REST; an object in webhook bodies and with `expand=state`. */
  readonly state: string;
  /** In the time zone of the account that asks. */
  readonly updated_at: string;
  readonly project: string;
}

/** `state_id` would be ignored and answered with 200. */
export interface PlaneStatePatch {
  readonly state: string;
}

/** The pair of external keys makes the comment unique: the second one with the same pair is answered with 409. */
export interface PlaneNewComment {
  readonly comment_html: string;
  readonly external_source: string;
  readonly external_id: string;
}

/** Values are names, identifiers are uuids. Written by a background task, so it lags the change. */
export interface PlaneActivity {
  readonly verb: string;
  readonly field: string | null;
  readonly old_identifier: string | null;
  readonly new_identifier: string | null;
  readonly actor: string;
  readonly created_at: string;
}

export interface PlaneUser {
  readonly id: string;
  readonly display_name: string;
}

/** Errors come in several forms, one key set at a time; anything else maps a field to its complaints. */
export interface PlaneError {
  readonly error?: string;
  readonly detail?: string;
  readonly error_code?: number;
  readonly error_message?: string;
  readonly id?: string;
}

export interface PlaneWebhookUser {
  readonly id: string;
}

/** What changed, according to a webhook. The values are raw: uuids of states, never names. */
export interface PlaneWebhookActivity {
  /** `state_id` after a change in the web UI, `state` after one through the API. */
  readonly field: string | null;
  readonly new_value: unknown;
  readonly old_value: unknown;
  readonly actor: PlaneWebhookUser;
}

/** Version 1: community edition. `data` is read when the webhook is sent, so it may be newer than `activity`. */
export interface PlaneWebhookV1 {
  readonly event: string;
  readonly action: string;
  readonly webhook_id: string;
  readonly workspace_id: string;
  readonly data: { readonly id: string; readonly project?: string };
  readonly activity?: PlaneWebhookActivity;
}

/** Version 2: commercial editions. `data` is empty for a deletion; the old record is in `previous_attributes`. */
export interface PlaneWebhookV2 {
  readonly version: 'v2';
  readonly event: string;
  readonly entity_id: string;
  readonly entity_type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly previous_attributes: Readonly<Record<string, unknown>>;
}
