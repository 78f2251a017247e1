/** Lists that the API returns page by page. */
import { EMPTY, expand, map, reduce, type Observable } from 'rxjs';

export interface PageRequest {
  size: number;
  cursor?: string;
}

interface Limits {
  /** Number of items to read, if there are as many. */
  limit: number;
  /** Maximum number of items of a page. */
  pageSize: number;
}

/** The items of as many pages as are needed, and the last of these pages. */
export function readPages<Page extends { next_cursor: string | null }, Item>(
  request: (page: PageRequest) => Observable<Page>,
  itemsOf: (page: Page) => Item[],
  { limit, pageSize }: Limits,
): Observable<{ items: Item[]; last: Page }> {
  const read = (before: Item[], cursor?: string) =>
    request({
      size: Math.min(pageSize, limit - before.length),
      ...(cursor !== undefined && { cursor }),
    }).pipe(map((last) => ({ items: [...before, ...itemsOf(last)], last })));
  return read([]).pipe(
    expand(({ items, last: { next_cursor } }) =>
      next_cursor === null || items.length >= limit ? EMPTY : read(items, next_cursor),
    ),
    reduce((_, latest) => latest),
  );
}
