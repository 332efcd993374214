/** Relay's form of a page: the cursor of a row is its place in the order. */
export interface Connection<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export function connectionOf<Row, Node>(
  page: { readonly rows: readonly Row[]; readonly hasNextPage: boolean },
  cursorOf: (row: Row) => number,
  view: (row: Row) => Node,
): Connection<Node> {
  const edges = page.rows.map((row) => ({ cursor: String(cursorOf(row)), node: view(row) }));
  return { edges, pageInfo: { hasNextPage: page.hasNextPage, endCursor: edges.at(-1)?.cursor ?? null } };
}
