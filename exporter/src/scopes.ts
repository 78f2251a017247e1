/** What a token may allow. No scope includes another. */
export const SCOPES = ['analytics:read', 'analytics:write', 'analytics:admin'] as const;
export type Scope = (typeof SCOPES)[number];

export function isScope(word: string): word is Scope {
  return (SCOPES as readonly string[]).includes(word);
}
