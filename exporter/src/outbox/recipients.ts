/** Who may receive mails: anybody, or the addresses and domains that the operator names. */

/** Undefined: anybody. In lower case: addresses, and domains without `@`. */
export type AllowedRecipients = readonly string[] | undefined;

export function mayReceive(allowed: AllowedRecipients, address: string): boolean {
  if (allowed === undefined) return true;
  const wanted = address.toLowerCase();
  return allowed.includes(wanted) || allowed.includes(wanted.slice(wanted.lastIndexOf('@') + 1));
}
