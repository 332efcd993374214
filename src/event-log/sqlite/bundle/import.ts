import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { LogUnavailable } from '../../errors.js';
import { inTransaction, type Connection } from '../connection.js';
import { digestOf, GENESIS_HASH, linkAfter } from '../hash-chain.js';
import { openWriter, readLogId } from '../log-file.js';
import { INSERT_MANY, type InsertedRow } from '../rows.js';
import { BundleRefused, Seal, type BundledEvent, type BundleEnd, type Manifest } from './bundle.js';

const ROWS_AT_ONCE = 2_000;

/** Into a log that has no event yet, all or nothing: every link is checked before anything is kept. */
export async function importBundle(file: string, path: string): Promise<Manifest> {
  const connection = await openWriter(path);
  try {
    return await inTransaction(connection, () => importInto(connection, file));
  } finally {
    await connection.close();
  }
}

async function importInto(connection: Connection, file: string): Promise<Manifest> {
  await refuseUnlessEmpty(connection);
  const reader = new BundleReader(file);
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  let rows: InsertedRow[] = [];
  let begun = false;
  for await (const line of lines) {
    const event = reader.take(line);
    if (!begun && reader.manifest) {
      begun = true;
      await begin(connection, reader.manifest);
    }
    if (!event) continue;
    rows.push(rowOf(event));
    await keepAllowances(connection, event);
    if (rows.length < ROWS_AT_ONCE) continue;
    await connection.all(INSERT_MANY, JSON.stringify(rows));
    rows = [];
  }
  if (rows.length > 0) await connection.all(INSERT_MANY, JSON.stringify(rows));
  const manifest = reader.end();
  await close(connection, manifest);
  return manifest;
}

async function refuseUnlessEmpty(connection: Connection): Promise<void> {
  const [head] = await connection.all<{ position: number }>('SELECT position FROM head');
  if (head?.position === 0) return;
  throw new LogUnavailable(
    `The event log ${connection.path} has ${head?.position ?? 0} events: a bundle is imported into an empty log only, name a new file with --db`,
  );
}

/** The order of an excerpt has holes; the triggers that forbid them are replaced by one that forbids to go on with it. */
async function begin(connection: Connection, manifest: Manifest): Promise<void> {
  const own = await readLogId(connection);
  await connection.exec('DROP TRIGGER log_keeps_its_identity');
  await connection.all('UPDATE head SET log_id = ? WHERE log_id = ?', manifest.logId, own);
  await connection.exec(IDENTITY);
  if (isWhole(manifest)) return;
  await connection.exec('DROP TRIGGER events_are_in_order; DROP TRIGGER events_move_the_head');
  await connection.exec(`
    CREATE TABLE excerpt (one INTEGER PRIMARY KEY CHECK (one = 1), whole_from INTEGER NOT NULL, manifest TEXT NOT NULL);
    CREATE TABLE excerpt_events (position INTEGER PRIMARY KEY, previous TEXT, data_digest TEXT, metadata_digest TEXT)`);
}

async function keepAllowances(connection: Connection, event: BundledEvent): Promise<void> {
  const { position, previous = null, dataDigest = null, metadataDigest = null } = event;
  if (previous === null && dataDigest === null && metadataDigest === null) return;
  await connection.all(
    'INSERT INTO excerpt_events VALUES (?, ?, ?, ?)',
    position,
    previous,
    dataDigest,
    metadataDigest,
  );
}

async function close(connection: Connection, manifest: Manifest): Promise<void> {
  if (isWhole(manifest)) return;
  const { from, to, head } = manifest;
  await connection.all('UPDATE head SET position = ?, hash = unhex(?)', to, head);
  await connection.all('INSERT INTO excerpt VALUES (1, ?, ?)', from, JSON.stringify(manifest));
  await connection.exec(`
    CREATE TRIGGER excerpt_is_not_continued BEFORE INSERT ON events
    BEGIN
      SELECT RAISE(ABORT, 'this log is an excerpt: it is read, and never continued');
    END`);
}

/** As in the migration; it is only lifted to give the file the identity of the log that it is of. */
const IDENTITY = `
  CREATE TRIGGER log_keeps_its_identity BEFORE UPDATE OF log_id ON head
  BEGIN
    SELECT RAISE(ABORT, 'an event log keeps its identity');
  END`;

/** A log from its first event on, with nothing taken out, is that log, and can be continued. */
function isWhole({ from, to, events, redacted }: Manifest): boolean {
  return from === 1 && events === to && !redacted;
}

function rowOf(event: BundledEvent): InsertedRow {
  const { position, id, stream, revision, type, schemaVersion, data, metadata, recordedAt, hash } = event;
  const { $correlationId } = metadata as { readonly $correlationId: string };
  const payload = [JSON.stringify(data), JSON.stringify(metadata)] as const;
  return [position, id, stream, revision, type, schemaVersion, ...payload, $correlationId, recordedAt, hash];
}

/** Reads line by line and believes nothing: a line that is missing, changed or of another kind is named. */
class BundleReader {
  manifest: Manifest | undefined;
  readonly #seal = new Seal();
  #line = 0;
  #events = 0;
  #link = { position: 0, hash: GENESIS_HASH };
  #ended = false;

  constructor(private readonly file: string) {}

  take(line: string): BundledEvent | undefined {
    this.#line += 1;
    const parsed = this.#parse(line);
    if (this.#ended) throw this.#refusal('something follows its end');
    if ('end' in parsed) return void this.#compare(parsed as BundleEnd);
    this.#seal.add(line);
    if (!this.manifest) return void (this.manifest = this.#manifestIn(parsed));
    const event = parsed as BundledEvent;
    this.#follow(event);
    this.#events += 1;
    return event;
  }

  end(): Manifest {
    const { manifest } = this;
    if (!manifest) throw new BundleRefused(this.file, 'it is empty');
    if (!this.#ended)
      throw new BundleRefused(this.file, `it ends after line ${this.#line}, before its last line: it was cut off`);
    if (this.#events === manifest.events && this.#link.hash === manifest.head) return manifest;
    throw new BundleRefused(this.file, `it has ${this.#events} events and says ${manifest.events}`);
  }

  #parse(line: string): object {
    try {
      const parsed: unknown = JSON.parse(line);
      if (typeof parsed === 'object' && parsed !== null) return parsed;
    } catch {
      // Said below.
    }
    throw this.#refusal('is not a JSON object');
  }

  #manifestIn(parsed: object): Manifest {
    const { bundle, version } = parsed as Partial<Record<keyof Manifest, unknown>>;
    if (bundle !== 'orchestrator-log') throw this.#refusal('is not the manifest of a bundle that log export made');
    if (version === 1) return parsed as Manifest;
    throw this.#refusal(`names version ${String(version)} of the format, and this release reads version 1`);
  }

  #follow(event: BundledEvent): void {
    const previous = event.previous ?? (event.position === this.#link.position + 1 ? this.#link.hash : undefined);
    const dataDigest = event.dataDigest ?? digestOf(JSON.stringify(event.data));
    const metadataDigest = event.metadataDigest ?? digestOf(JSON.stringify(event.metadata));
    const fits = previous !== undefined && linkAfter(previous, { ...event, dataDigest, metadataDigest }) === event.hash;
    if (!fits || event.position <= this.#link.position) throw this.#refusal('is not the event that was exported');
    this.#link = { position: event.position, hash: event.hash };
  }

  #compare({ lines, sha256 }: BundleEnd): void {
    this.#ended = true;
    const sealed = this.#seal.end();
    if (lines !== sealed.lines || sha256 !== sealed.sha256)
      throw this.#refusal('does not fit the lines before it: they were changed');
  }

  #refusal(what: string): BundleRefused {
    return new BundleRefused(this.file, `line ${this.#line} ${what}`);
  }
}
