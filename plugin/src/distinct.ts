/** Display names in which equal names are followed by their ids, if they have one. */
export function distinctNames(named: ReadonlyArray<{ name: string; id: string }>): string[] {
  const times = new Map<string, number>();
  for (const { name } of named) {
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  return named.map(({ name, id }) =>
    (times.get(name) ?? 0) > 1 && id && id !== name ? `${name} (${id})` : name,
  );
}
