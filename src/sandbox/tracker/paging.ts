/** Plane's offset paging: `next_cursor` is there on the last page too; only `next_page_results` tells whether to go on. */
const PER_PAGE_MAX = 1000;

export type PageQuery = Readonly<Record<string, string | undefined>>;
export type Page = { readonly status: 200 | 400; readonly body: Readonly<Record<string, unknown>> };

export function pageOf<T>(all: readonly T[], query: PageQuery, render: (entry: T) => unknown): Page {
  const perPage = query['per_page'] === undefined ? PER_PAGE_MAX : Number(query['per_page']);
  if (!Number.isInteger(perPage) || perPage < 1) return invalid('Invalid per_page parameter.');
  if (perPage > PER_PAGE_MAX) return invalid(`Invalid per_page value. Cannot exceed ${PER_PAGE_MAX}.`);
  const page = pageNumber(query['cursor']);
  if (page === null) return invalid('Invalid cursor parameter.');
  const results = all.slice(page * perPage, (page + 1) * perPage).map(render);
  return { status: 200, body: envelope(all.length, perPage, page, results) };
}

function envelope(total: number, perPage: number, page: number, results: readonly unknown[]): Page['body'] {
  return {
    ...{ grouped_by: null, sub_grouped_by: null, total_count: total },
    ...{ next_cursor: `${perPage}:${page + 1}:0`, prev_cursor: `${perPage}:${page - 1}:1` },
    ...{ next_page_results: (page + 1) * perPage < total, prev_page_results: page > 0 },
    ...{
      count: results.length,
      total_pages: Math.ceil(total / perPage),
      total_results: total,
      extra_stats: null,
      results,
    },
  };
}

function pageNumber(cursor: string | undefined): number | null {
  if (cursor === undefined) return 0;
  const match = /^\d+:(\d+):[01]$/.exec(cursor);
  return match ? Number(match[1]) : null;
}

function invalid(detail: string): Page {
  return { status: 400, body: { detail } };
}
