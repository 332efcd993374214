const FIRST_PAUSE_MS = 5;
/** What is looked at often while a service starts takes the processor that it starts with. */
const PAUSE_MS_MAX = 40;

/** Waits for a condition instead of sleeping; names what did not come true. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 15_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; !(await condition()); pauseMs = Math.min(pauseMs * 1.3, PAUSE_MS_MAX)) {
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
