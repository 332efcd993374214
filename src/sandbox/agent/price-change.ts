import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Assignment } from './brief.js';

export interface Change {
  readonly round: number;
  readonly files: Readonly<Record<string, string>>;
}

/** How often the developer was here already, by the code that it left. */
export function earlierRounds(root: string, workItem: string): number {
  const file = join(root, moduleFile(workItem));
  if (!existsSync(file)) return 0;
  return Number(/round: (\d+)/.exec(readFileSync(file, 'utf8'))?.[1] ?? 1);
}

/** A promotion of its own for every work item, with a test that pins what it takes off; the same item gives the same change. */
export function priceChange(root: string, assignment: Assignment): Change {
  const { workItem, title } = assignment;
  const round = earlierRounds(root, workItem) + 1;
  const percent = (createHash('sha256').update(`${workItem}\n${title}`).digest().readUInt16BE(0) % 40) + 1;
  const files = {
    [moduleFile(workItem)]: moduleText(workItem, title, { percent, round }),
    [`test/promotions/${slug(workItem)}.test.js`]: testText(workItem, { percent, round }),
  };
  return { round, files };
}

/** A line that other work items change as well: what `[[developer: conflict]]` asks for. */
export function sharedChange(root: string, assignment: Assignment): Change['files'] {
  const file = 'src/settings.js';
  const text = readFileSync(join(root, file), 'utf8');
  return { [file]: text.replace(/motto: .*/, `motto: ${literal(assignment.title)},`) };
}

/** A change that the project's own tests refuse: what `[[developer: break]]` asks for. */
export function brokenChange(change: Change): Change['files'] {
  const broken = Object.entries(change.files).map(([file, text]) => [
    file,
    text.replace(/percent: \d+/, 'percent: 100'),
  ]);
  return Object.fromEntries(broken) as Change['files'];
}

export function writeFiles(root: string, files: Change['files']): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

function moduleText(workItem: string, title: string, numbers: { percent: number; round: number }): string {
  const values = `title: ${literal(title)}, percent: ${numbers.percent}, round: ${numbers.round}`;
  return `/** Asked for by ${workItem}. */\nexport const promotion = { code: ${literal(workItem)}, ${values} };\n`;
}

function testText(workItem: string, numbers: { percent: number; round: number }): string {
  const full = 3_200;
  const expected = full - Math.floor((full * numbers.percent) / 100);
  return [
    "import assert from 'node:assert/strict';",
    "import { test } from 'node:test';",
    "import { quote } from '../../src/price.js';",
    "import { promotionByCode } from '../../src/promotions.js';",
    '',
    `test(${literal(`the promotion of ${workItem} takes ${numbers.percent} percent off ten loaves`)}, async () => {`,
    `  assert.equal(await quote([{ product: 'bread', count: 10 }], ${literal(workItem)}), ${expected});`,
    '});',
    '',
    `test(${literal(`the promotion of ${workItem} is in round ${numbers.round}`)}, async () => {`,
    `  assert.equal((await promotionByCode(${literal(workItem)})).round, ${numbers.round});`,
    '});',
    '',
  ].join('\n');
}

function moduleFile(workItem: string): string {
  return `src/promotions/${slug(workItem)}.js`;
}

function slug(workItem: string): string {
  return workItem.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
}

/** Text of a stranger as a JavaScript literal. */
function literal(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
