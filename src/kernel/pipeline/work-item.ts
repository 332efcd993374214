/** `ORCH-59` names the same item as `ORCH-059`; what has no such form stays as it is, and is then unknown. */
export function canonicalWorkItem(text: string): string {
  const parts = /^(.+)-0*(\d+)$/.exec(text.trim());
  return parts ? `${parts[1]}-${parts[2]?.padStart(3, '0')}` : text.trim();
}
