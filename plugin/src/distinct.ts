/** Things of one name, told apart by their ids; where an id is missing the name has to do. */
export function distinctNames(named: ReadonlyArray<{ name: string; id: string }>): string[] {
  const times = new Map<string, number>();
  for (const { name } of named) {
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  return named.map(({ name, id }) =>
    (times.get(name) ?? 0) > 1 && id && id !== name ? `${name} (${id})` : name,
  );
}
