import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import { Connection } from './connection.js';
import type { Changes } from './fold.js';
import type { AnyReadModel, Key } from './read-model.js';
import { readSchema, type Schema } from './schema.js';
import { takeMoment, type Moment } from '../moments/moment.js';
import type { Folded, Moments } from '../moments/moments.js';
import { OF_WORK_ITEM } from '../moments/open-rows.js';
import { Table } from './table.js';

/** The keys whose rows a page changed, by table. */
export type ChangedKeys = ReadonlyMap<string, readonly Key[]>;

interface Checkpoint {
  readonly log_id: string;
  readonly position: number;
  readonly fingerprint: string;
}

/** The file of the read models, written by one projector. Rows and checkpoint change in one transaction or not at all. */
export class ReadModelFile implements Folded {
  private constructor(
    private readonly writer: Connection,
    private readonly tables: readonly Table[],
    private current: Position,
    private readonly past: Folded & { readonly moments: Moments | null },
  ) {}

  /** A file of another log, of other tables, of other rules, or no database at all is replaced by an empty one. */
  static async open(
    path: string,
    logId: string,
    models: readonly AnyReadModel[],
    moments: Moments | null = null,
  ): Promise<ReadModelFile> {
    const schema = await readSchema(models);
    await mkdir(dirname(path), { recursive: true });
    const checkpoint = await readCheckpoint(path);
    const fits = checkpoint?.log_id === logId && checkpoint.fingerprint === schema.fingerprint;
    if (!fits) await createEmpty(path, logId, schema);
    const writer = await openWriter(path);
    const tables = await Promise.all(models.map((model) => Table.of(model, writer)));
    const past = { logId, fingerprint: schema.fingerprint, moments };
    return new ReadModelFile(writer, tables, fits ? checkpoint.position : 0, past);
  }

  get position(): Position {
    return this.current;
  }

  get logId(): string {
    return this.past.logId;
  }

  get fingerprint(): string {
    return this.past.fingerprint;
  }

  /** Events at or before the checkpoint are passed over, so the same page twice changes nothing. */
  async apply(events: readonly RecordedEvent[], position: Position): Promise<ChangedKeys> {
    if (position <= this.current) return new Map();
    const fresh = events.filter((event) => event.position > this.current);
    const folded = new Map<Table, Changes<Record<string, unknown>>>();
    for (const table of this.tables) folded.set(table, await table.fold(fresh));
    await this.commit(folded, position).catch((error: unknown) => this.startOver(error));
    const before = this.current;
    this.current = position;
    for (const [table, changes] of folded) table.remember(changes);
    if (this.past.moments?.isDue(before, position)) await this.keepMoment(this.past.moments);
    return new Map([...folded].map(([table, changes]) => [table.model.table, [...changes.keys()]]));
  }

  /** Begins an empty file at a moment, with the settled rows of the work item whose story is given. */
  async load({ tables, settled, position }: Moment, story: readonly RecordedEvent[]): Promise<void> {
    const folded = new Map<Table, Changes<Record<string, unknown>>>();
    for (const table of this.tables) {
      const { table: name, key } = table.model;
      const changes = OF_WORK_ITEM.includes(name) ? await table.fold(story) : new Map<Key, Record<string, unknown>>();
      for (const row of tables[name] ?? []) changes.set(row[key] as Key, { ...row });
      folded.set(table, changes);
    }
    await this.commit(folded, position);
    const rows = JSON.stringify(settled.map(({ of, kind, rows: count }) => [of, kind, count]));
    const insert = 'INSERT INTO settled_rows SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)';
    await this.writer.all(insert, [rows]);
    this.current = position;
  }

  close(): Promise<void> {
    return this.writer.close();
  }

  /** What cannot be kept is folded again by whoever asks. */
  private async keepMoment(moments: Moments): Promise<void> {
    const names = this.tables.map(({ model }) => model.table);
    await moments.keep(this, await takeMoment(this.writer, names, this.current)).catch(() => undefined);
  }

  private async commit(
    folded: ReadonlyMap<Table, Changes<Record<string, unknown>>>,
    position: Position,
  ): Promise<void> {
    await this.writer.all('BEGIN IMMEDIATE');
    try {
      for (const [table, changes] of folded) await table.write(changes);
      const moved = 'UPDATE checkpoint SET position = ? WHERE position = ? RETURNING position';
      const rows = await this.writer.all(moved, [position, this.current]);
      if (rows.length === 0) throw new CheckpointMoved(this.current);
      await this.writer.all('COMMIT');
    } catch (error) {
      await this.writer.all('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** Nothing of the page is in the file; what is, is read again before the next try. */
  private async startOver(error: unknown): Promise<never> {
    for (const table of this.tables) table.forget();
    const [checkpoint] = await this.writer.all<{ position: number }>('SELECT position FROM checkpoint');
    this.current = checkpoint?.position ?? this.current;
    throw error;
  }
}

/** Another process writes the same file; two of them may take turns, but never fold one event twice. */
export class CheckpointMoved extends Error {
  constructor(expected: Position) {
    super(`The read models are no longer at position ${expected}: another process writes the same file`);
    this.name = 'CheckpointMoved';
  }
}

/** Absent, not a database, damaged, or without the tables. Anything else, such as a locked file, is no reason to throw it away. */
const REPLACEABLE: ReadonlySet<string> = new Set([
  'SQLITE_CANTOPEN',
  'SQLITE_NOTADB',
  'SQLITE_CORRUPT',
  'SQLITE_ERROR',
]);

async function readCheckpoint(path: string): Promise<Checkpoint | undefined> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.open(path, 'read');
    return (await connection.all<Checkpoint>('SELECT log_id, position, fingerprint FROM checkpoint'))[0];
  } catch (error) {
    if (REPLACEABLE.has((error as { code?: string }).code ?? '')) return undefined;
    throw error;
  } finally {
    await connection?.close();
  }
}

async function createEmpty(path: string, logId: string, schema: Schema): Promise<void> {
  await removeReadModels(path);
  const writer = await openWriter(path);
  try {
    await writer.exec(`BEGIN; ${schema.sql}; COMMIT`);
    await writer.all('INSERT INTO checkpoint (only, log_id, position, fingerprint) VALUES (1, ?, 0, ?)', [
      logId,
      schema.fingerprint,
    ]);
  } finally {
    await writer.close();
  }
}

export async function removeReadModels(path: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${path}${suffix}`, { force: true });
}

/** NORMAL is enough: after a power cut rows and checkpoint fall back together, and the log has the rest. */
async function openWriter(path: string): Promise<Connection> {
  const writer = await Connection.open(path, 'write');
  await writer.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536');
  return writer;
}
