import type { Position } from '../../kernel/event.js';
import { pageSize } from '../event-filter.js';
import type { ReadAll, ReadStream } from '../event-log.js';
import type { SqlValue } from './connection.js';
import { EVENT, EVENT_WITHOUT_COMMAND } from './rows.js';

export interface Query {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export function streamQuery(stream: string, { after, direction = 'forwards', limit }: ReadStream): Query {
  const [order, passed, start] =
    direction === 'forwards' ? (['ASC', '>', -1] as const) : (['DESC', '<', Number.MAX_SAFE_INTEGER] as const);
  return {
    sql: `SELECT ${EVENT} FROM events WHERE stream = ? AND revision ${passed} ? ORDER BY revision ${order} LIMIT ?`,
    values: [stream, after ?? start, pageSize(limit)],
  };
}

/** Never past `upTo`, so that a page and the head of the log that was read before it belong together. */
export function allQuery(options: ReadAll, upTo: Position = Number.MAX_SAFE_INTEGER): Query {
  const { types } = options;
  const conditions = [rangeOf(options, upTo), ...workItemOf(options), ...causeOf(options), ...prefixOf(options)];
  const page = types && types.length !== 1 ? ofTypes(types, conditions, options) : ofTypeOrAny(types, conditions);
  const event = options.withoutCommands ? EVENT_WITHOUT_COMMAND : EVENT;
  return {
    sql: `SELECT ${event} FROM events WHERE ${page.sql} ORDER BY position ${orderOf(options)} LIMIT ?`,
    values: [...page.values, pageSize(options.limit)],
  };
}

function ofTypeOrAny(types: readonly string[] | undefined, conditions: readonly Condition[]): Condition {
  const type = (types ?? []).map((value) => ({ sql: 'type = ?', values: [value] }));
  return allOf([...type, ...conditions]);
}

/**
 * A page of each type by itself, then the first of them all: `type IN (...)` would read every later event of a
 * frequent type for every page.
 */
function ofTypes(types: readonly string[], conditions: readonly Condition[], options: ReadAll): Condition {
  if (types.length === 0) return { sql: 'FALSE', values: [] };
  const pages = types.map((type) => {
    const { sql, values } = ofTypeOrAny([type], conditions);
    const page = `SELECT position FROM events WHERE ${sql} ORDER BY position ${orderOf(options)} LIMIT ?`;
    return { sql: `SELECT position FROM (${page})`, values: [...values, pageSize(options.limit)] };
  });
  const union = pages.map((page) => page.sql).join(' UNION ALL ');
  return { sql: `position IN (${union})`, values: pages.flatMap((page) => page.values) };
}

function rangeOf({ after, direction = 'forwards' }: ReadAll, upTo: Position): Condition {
  if (direction === 'forwards') return { sql: 'position > ? AND position <= ?', values: [after ?? 0, upTo] };
  return { sql: 'position < ?', values: [after ?? Number.MAX_SAFE_INTEGER] };
}

function workItemOf({ correlationId }: ReadAll): readonly Condition[] {
  return correlationId === undefined ? [] : [{ sql: 'correlation_id = ?', values: [correlationId] }];
}

function causeOf({ causationId }: ReadAll): readonly Condition[] {
  const sql = `metadata ->> '$."$causationId"' = ?`;
  return causationId === undefined ? [] : [{ sql, values: [causationId] }];
}

/** Not written as a range on purpose: through the index of streams every page would cost all streams of the prefix. */
function prefixOf({ streamPrefix: prefix }: ReadAll): readonly Condition[] {
  return prefix === undefined ? [] : [{ sql: 'substr(stream, 1, length(?)) = ?', values: [prefix, prefix] }];
}

function allOf(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map((condition) => condition.sql).join(' AND '),
    values: conditions.flatMap((condition) => condition.values),
  };
}

function orderOf({ direction }: ReadAll): 'ASC' | 'DESC' {
  return direction === 'backwards' ? 'DESC' : 'ASC';
}
