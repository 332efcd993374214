/**
 * Text from a tracker as it may lie before an agent: without what a person does not see when reading it. Comments of HTML,
 * characters without width or with a direction, tags and control characters are the ways to hide an instruction.
 */
export function inertText(text: string): string {
  return withoutComments(text.normalize('NFC'))
    .replace(/\r\n?/g, '\n')
    .replace(/[\p{Cf}\u{FE00}-\u{FE0E}\u{E0100}-\u{E01EF}\u{115F}\u{1160}\u{3164}]/gu, '')
    .replace(/[^\P{Cc}\n\t]/gu, '');
}

/** Fenced by more backticks than the text holds in a row: it cannot close its own fence. */
export function fenced(text: string): string {
  const inert = inertText(text).trimEnd();
  const longest = Math.max(3, ...[...inert.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${inert}\n${fence}`;
}

/** Again until nothing is found: taking one comment out can make another of what stood around it. */
function withoutComments(text: string): string {
  const without = text.replace(/<!--[\s\S]*?(-->|$)/g, '');
  return without === text ? text : withoutComments(without);
}
