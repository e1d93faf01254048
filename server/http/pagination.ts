export type Pagination = {
  page: number;
  pages: number;
  total: number;
  from: number;
  to: number;
  previous: string | null;
  next: string | null;
  links: ({ page: number; href: string; current: boolean } | null)[];
};

/** Where one stands in a list: the first and last pages, the pages around this one, and null for a gap. */
export function paginate({
  total,
  page,
  size,
  href,
}: {
  total: number;
  page: number;
  size: number;
  href: (page: number) => string;
}): Pagination {
  const pages = Math.max(1, Math.ceil(total / size));
  // A gap of one page would take as much room as the page itself.
  const around = [page - 1, page, page + 1, ...(page === 4 ? [2] : []), ...(page === pages - 3 ? [pages - 1] : [])];
  const shown = [...new Set([1, ...around, pages])].filter((n) => n >= 1 && n <= pages).sort((a, b) => a - b);
  const links = shown.flatMap((n, at) => {
    const link = { page: n, href: href(n), current: n === page };
    return at > 0 && n - shown[at - 1]! > 1 ? [null, link] : [link];
  });
  return {
    page,
    pages,
    total,
    from: total === 0 ? 0 : Math.min(total, (page - 1) * size + 1),
    to: Math.min(total, page * size),
    previous: page > 1 && page <= pages ? href(page - 1) : null,
    next: page < pages ? href(page + 1) : null,
    links,
  };
}
/** The page number of an address: 1 when absent or not a number. */
export const pageNumber = (text: string | undefined): number => (text && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 1);
