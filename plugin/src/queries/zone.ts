/** Grafana's name of a time zone as an IANA name: it says `browser`, `utc` or nothing where it means the usual ones. */
export function ianaZone(timeZone: string | undefined): string {
  switch (timeZone) {
    case 'utc':
    case 'UTC':
      return 'UTC';
    case undefined:
    case '':
    case 'browser':
      return new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
    default:
      return timeZone;
  }
}
