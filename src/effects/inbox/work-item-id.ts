/** `<prefix>-<number>`, padded to three digits (STG-18). */
export function workItemId(prefix: string, sequenceId: number): string {
  return `${prefix}-${String(sequenceId).padStart(3, '0')}`;
}
