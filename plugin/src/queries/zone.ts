/** A time zone of Grafana as an IANA name. Grafana also uses `browser`, `utc` and the empty string. */
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
