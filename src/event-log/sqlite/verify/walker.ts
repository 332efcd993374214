import type { Position } from '../../../kernel/event.js';
import type { ChainHead } from '../hash-chain.js';
import { digestOf, GENESIS_HASH, linkAfter } from '../hash-chain.js';
import type { Excerpt } from '../bundle/excerpt.js';
import { OpenIntents, type OpenIntent } from '../../verify/open-intents.js';
import { SeenIds } from '../../verify/seen-ids.js';

export type Breakage =
  /** A position is missing. */
  | 'gap'
  /** An event does not continue its stream. */
  | 'revision'
  /** Something that the link covers is not what it was. */
  | 'hash'
  /** A column for selecting says something else than the metadata. */
  | 'column'
  /** What the event names as its cause is not in the log before it. */
  | 'cause'
  /** The log ends before or after the head that was kept in the file. */
  | 'head'
  /** The log does not contain the end that was kept elsewhere. */
  | 'digest';

export interface Broken {
  readonly position: Position;
  readonly why: Breakage;
  readonly what: string;
}

/** What one event is checked by; as few values as possible, because making them costs more than hashing. */
export interface VerifiedRow {
  /** Everything that the link covers besides the payloads, as a JSON list: `PLACE` in its order. */
  readonly place: string;
  readonly data: string;
  readonly metadata: string;
  readonly hash: string;
  /** 0: a column contradicts the metadata. */
  readonly filed: number;
  readonly cause: string | null;
}

export const VERIFIED_COLUMNS = `
  json_array(position, stream, revision, id, type, schema_version, recorded_at) AS place,
  data, metadata, lower(hex(hash)) AS hash,
  correlation_id IS metadata ->> '$."$correlationId"' AND schema_version IS metadata ->> '$.schemaVersion' AS filed,
  metadata ->> '$."$causationId"' AS cause`;

type Place = readonly [number, string, number, string, string, number, string];

/** Goes from link to link and remembers what the next ones are compared with. */
export class Walker {
  end: ChainHead = { position: 0, hash: GENESIS_HASH };
  events = 0;
  readonly #revisions = new Map<string, number>();
  readonly #ids = new SeenIds();
  readonly #intents = new OpenIntents();

  /** Null of a whole log. */
  constructor(private readonly excerpt: Excerpt | null = null) {}

  get streams(): number {
    return this.#revisions.size;
  }

  openIntents(): readonly OpenIntent[] {
    return this.#intents.list();
  }

  step(row: VerifiedRow): Broken | undefined {
    const place = JSON.parse(row.place) as Place;
    const [position, stream, revision, id, type, , recordedAt] = place;
    this.#leapTo(position);
    const broken = this.#misplaced(place) ?? this.#altered(row, place) ?? this.#orphaned(row, position);
    this.end = { position, hash: row.hash };
    this.events += 1;
    this.#revisions.set(stream, revision);
    this.#ids.add(id);
    this.#intents.see({ position, id, type, recordedAt, cause: row.cause }, row.data);
    return broken;
  }

  /** Before a hole of an excerpt, with the link that was there. */
  #leapTo(position: Position): void {
    const previous = this.excerpt?.allowances.get(position)?.previous ?? null;
    if (previous !== null) this.end = { position: position - 1, hash: previous };
  }

  #misplaced([position, stream, revision]: Place): Broken | undefined {
    const next = this.end.position + 1;
    if (position !== next) return { position: next, why: 'gap', what: `the next event is at position ${position}` };
    const continued = (this.#revisions.get(stream) ?? -1) + 1;
    const goesOn = revision === continued || (this.excerpt?.sparse === true && revision > continued);
    if (goesOn || this.#isBefore(position)) return undefined;
    return { position, why: 'revision', what: `${stream} is at revision ${revision} instead of ${continued}` };
  }

  #altered(row: VerifiedRow, place: Place): Broken | undefined {
    const [position] = place;
    const given = this.excerpt?.allowances.get(position);
    const digests = {
      dataDigest: given?.data_digest ?? digestOf(row.data),
      metadataDigest: given?.metadata_digest ?? digestOf(row.metadata),
    };
    if (!this.#isLinked(row, place, digests)) {
      return { position, why: 'hash', what: 'the event, or the hash of it, is not what was written' };
    }
    if (row.filed === 1) return undefined;
    return { position, why: 'column', what: 'it is filed under another work item or schema version than its own' };
  }

  /** SQLite writes the list as `JSON.stringify` does but for rare characters; where the link does not fit, it is made anew. */
  #isLinked({ place: text, hash }: VerifiedRow, place: Place, digests: Digests): boolean {
    const { dataDigest, metadataDigest } = digests;
    const link = `["${this.end.hash}",${text.slice(1, -1)},"${dataDigest}","${metadataDigest}"]`;
    if (digestOf(link) === hash) return true;
    const [position, stream, revision, id, type, schemaVersion, recordedAt] = place;
    const fields = { position, stream, revision, id, type, schemaVersion, recordedAt, ...digests };
    return linkAfter(this.end.hash, fields) === hash;
  }

  #orphaned({ cause }: VerifiedRow, position: Position): Broken | undefined {
    if (cause === null || this.#ids.has(cause) || this.#isBefore(position)) return undefined;
    return { position, why: 'cause', what: `its cause ${cause} is not in the log before it` };
  }

  /** Where an excerpt is not whole, its streams and causes need not be either. */
  #isBefore(position: Position): boolean {
    return this.excerpt !== null && position < this.excerpt.wholeFrom;
  }
}

interface Digests {
  readonly dataDigest: string;
  readonly metadataDigest: string;
}
