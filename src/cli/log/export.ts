import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { VERSION } from '../../config/version.js';
import type { EventLog } from '../../event-log/event-log.js';
import { Seal, type BundledEvent, type Manifest } from '../../event-log/sqlite/bundle/bundle.js';
import { withoutTexts } from '../../event-log/sqlite/bundle/redaction.js';
import {
  selectionOf,
  type BundleRow,
  type Selected,
  type Selection,
  type Window,
} from '../../event-log/sqlite/bundle/select.js';
import { LogSelection } from '../../event-log/sqlite/bundle/select-from-log.js';
import { digestOf } from '../../event-log/sqlite/hash-chain.js';
import { openReader } from '../../event-log/sqlite/log-file.js';
import { toIso } from '../../kernel/time.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { positionAt, positionBefore } from '../../projections/event/moment.js';
import { settingsAt } from '../../projections/event/settings-at.js';
import { momentBefore, rulesNow } from '../../projections/moments/moment-before.js';
import { CommandFailed } from '../failure.js';
import { isUrl, logPlaceOf, withLog, type LogChoice } from '../log-access.js';
import { print, printJson } from '../terminal/text.js';

export interface ExportOptions extends LogChoice {
  readonly task?: string;
  readonly repo?: string;
  readonly since?: string;
  readonly until?: string;
  readonly output: string;
  readonly redact?: boolean;
  readonly json?: boolean;
}

/** One NDJSON file with everything that a question about this part of the log needs. */
export async function exportBundle(options: ExportOptions): Promise<void> {
  const place = await logPlaceOf(options);
  const manifest = await withLog(options, (log) =>
    isUrl(place) ? exportFrom(log, new LogSelection(log), options) : exportFile(log, place, options),
  );
  const { moment: _moment, settings: _settings, ...told } = manifest;
  if (options.json) printJson({ ...told, file: resolve(options.output) });
  else print(`${options.output}: ${told.events} events, whole from position ${told.from} to ${told.to}`);
}

/** At one moment, whatever is appended meanwhile. */
async function exportFile(log: EventLog, path: string, options: ExportOptions): Promise<Manifest> {
  const connection = await openReader(path);
  try {
    await connection.exec('BEGIN');
    return await exportFrom(log, selectionOf(connection), options);
  } finally {
    await connection.close();
  }
}

async function exportFrom(log: EventLog, selection: Selection, options: ExportOptions): Promise<Manifest> {
  const window = await windowFor(log, selection, options);
  const selected = await selection.select(window);
  const sparse = selection instanceof LogSelection;
  const manifest = await manifestOf(log, { window, selected, sparse, options });
  await write(selection, manifest, options);
  return manifest;
}

async function windowFor(log: EventLog, selection: Selection, options: ExportOptions): Promise<Window> {
  const range = await rangeOf(log, options);
  const subject = subjectOf(options);
  const window = await selection.windowOf({ ...subject, ...range });
  if (window) return Object.keys(subject).length === 0 ? { ...window, from: range.since } : window;
  const what = subject.task ?? subject.repo ?? 'that time';
  throw new CommandFailed(1, `The log has nothing of ${what} between position ${range.since} and ${range.until}`);
}

async function rangeOf(log: EventLog, { since, until }: ExportOptions) {
  const head = await log.head();
  return {
    since: since === undefined ? 1 : (await positionBefore(log, since)) + 1,
    until: until === undefined ? head : Math.min(head, await positionAt(log, until)),
  };
}

function subjectOf({ task, repo }: ExportOptions): { readonly task?: string; readonly repo?: string } {
  return {
    ...(task === undefined ? {} : { task: canonicalWorkItem(task) }),
    ...(repo === undefined ? {} : { repo }),
  };
}

interface Bundle {
  readonly window: Window;
  readonly selected: Selected;
  /** Of a shared store. */
  readonly sparse: boolean;
  readonly options: ExportOptions;
}

async function manifestOf(log: EventLog, { window, selected, sparse, options }: Bundle): Promise<Manifest> {
  const { task, repo, since, until, redact = false } = options;
  const moment = window.from === 1 ? null : await momentBefore(log, window.from);
  const given = Object.entries({ task, repo, since, until }).filter(([, value]) => value !== undefined);
  return {
    ...{ bundle: 'orchestrator-log', version: 1, madeBy: VERSION, madeAt: toIso(Date.now()), logId: log.logId },
    ...{ scope: Object.fromEntries(given) as Record<string, string>, ...window, ...selected, redacted: redact },
    ...(sparse ? { sparse } : {}),
    settings: await settingsAt(log, window.to),
    fingerprint: await rulesNow(),
    moment: moment && redact ? withoutTexts(moment) : moment,
  };
}

/** Under another name until it is whole. */
async function write(
  selection: Selection,
  manifest: Manifest,
  { output, redact = false }: ExportOptions,
): Promise<void> {
  const unfinished = `${output}.unfinished`;
  try {
    const file = await open(unfinished, 'w');
    try {
      for await (const lines of linesOf(selection, manifest, redact)) await file.write(`${lines.join('\n')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, output);
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw new CommandFailed(3, `${output} cannot be written: ${whyNot(cause)}`, { cause });
  }
}

async function* linesOf(selection: Selection, manifest: Manifest, redact: boolean): AsyncGenerator<readonly string[]> {
  const seal = new Seal();
  yield [seal.add(JSON.stringify(manifest))];
  for await (const rows of selection.rows()) yield rows.map((row) => seal.add(JSON.stringify(bundled(row, redact))));
  yield [JSON.stringify(seal.end())];
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder is not there',
  ENOTDIR: 'its folder is not there',
  EISDIR: 'it is a directory',
  EACCES: 'permission is denied',
  ENOSPC: 'the disk is full',
};

function whyNot(cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}

function bundled(row: BundleRow, redact: boolean): BundledEvent {
  const { position, id, stream, revision, type, schema_version: schemaVersion, recorded_at: recordedAt, hash } = row;
  const [data, metadata] = [JSON.parse(row.data) as object, JSON.parse(row.metadata) as object];
  const payload = redact
    ? {
        data: withoutTexts(data),
        metadata: withoutTexts(metadata),
        dataDigest: digestOf(row.data),
        metadataDigest: digestOf(row.metadata),
      }
    : { data, metadata };
  const previous = row.previous === null ? {} : { previous: row.previous };
  return { position, id, stream, revision, type, schemaVersion, recordedAt, hash, ...payload, ...previous };
}
