/**
 * Asks for the next page while the one before is being worked on: the log is read in one thread and the tables are written in
 * another. Whoever leaves early ends the source, which may be waiting for something to happen.
 */
export async function* readAhead<Page>(
  open: (ending: AbortSignal) => AsyncIterable<Page>,
): AsyncGenerator<Page, void, void> {
  const leaving = new AbortController();
  const pages = open(leaving.signal)[Symbol.asyncIterator]();
  let upcoming = ahead(pages);
  try {
    for (;;) {
      const page = await upcoming;
      if (page.done === true) return;
      upcoming = ahead(pages);
      yield page.value;
    }
  } finally {
    leaving.abort();
    await upcoming.catch(() => undefined);
    // A page that had come already leaves the source standing behind it, with whatever it holds open.
    await pages.return?.();
  }
}

/** A failure that comes while a page is being worked on is not unhandled: it is thrown when its page is asked for. */
function ahead<Page>(pages: AsyncIterator<Page>): Promise<IteratorResult<Page>> {
  const upcoming = pages.next();
  upcoming.catch(() => undefined);
  return upcoming;
}
