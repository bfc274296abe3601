/** Search parameters as a page gets them. */
export type SearchParams = Record<string, string | string[] | undefined>;

/** The first value of a parameter. */
export const one = (search: SearchParams, name: string): string | undefined => {
  const value = search[name];
  return Array.isArray(value) ? value[0] : value;
};

/** The same address with some parameters changed; null takes one away. */
export function withParams(
  path: string,
  search: SearchParams,
  changes: Record<string, string | null>,
): string {
  const params = new URLSearchParams();
  for (const name of Object.keys(search)) {
    const value = one(search, name);
    if (value && !(name in changes)) params.set(name, value);
  }
  for (const [name, value] of Object.entries(changes)) if (value !== null) params.set(name, value);
  const query = params.toString();
  return query ? `${path}?${query}` : path;
}
