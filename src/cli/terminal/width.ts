// eslint-disable-next-line no-control-regex -- colours are told from text by the character that begins them
const PAINT = /(\u001b\[\d+m)/;

/** As much of a line as fits; into a file or a pipe all of it goes. What ends a colour is kept. */
export function fitted(line: string, width = widthOf(process.stdout)): string {
  const parts = line.split(PAINT);
  const isText = (index: number): boolean => index % 2 === 0;
  const length = parts.reduce((sum, part, index) => sum + (isText(index) ? part.length : 0), 0);
  if (length <= width) return line;
  let left = Math.max(0, width - 1);
  const kept = parts.map((part, index) => {
    if (!isText(index)) return part;
    const shown = part.slice(0, left);
    const isCutHere = left > 0 && shown.length === left;
    left -= shown.length;
    return isCutHere ? `${shown}…` : shown;
  });
  return kept.join('');
}

function widthOf({ isTTY, columns }: NodeJS.WriteStream): number {
  return isTTY ? columns : Infinity;
}
