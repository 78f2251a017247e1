/** What log collectors write before a line of an access log: read past, so that the line itself can be parsed. */

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const ISO_TIME = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?`;
/** Host and program, as syslog and journald write them: `gw1 nginx[812]: `. */
const SENDER = String.raw`[\w.:-]{1,255} [\w./@-]{1,128}(?:\[\d{1,10}\])?: `;
/** A terminal's colours, which `docker compose logs` writes. */
const COLOUR = String.raw`(?:\u001b\[[\d;]{0,16}m)*`;

const PREFIXES: readonly RegExp[] = [
  // Syslog of RFC 3164, with or without its priority: `Nov 20 10:00:40 gw1 nginx: `.
  String.raw`(?:<\d{1,3}>)?${MONTH} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})? ${SENDER}`,
  // Syslog of RFC 5424: `<190>1 2026-11-20T10:00:40Z gw1 nginx 812 - - `.
  String.raw`<\d{1,3}>\d ${ISO_TIME} \S{1,255} \S{1,48} \S{1,128} \S{1,32} (?:-|(?:\[(?:[^\]\\]|\\.){0,1024}\]){1,16}) (?:\ufeff)?`,
  // rsyslog, and journalctl -o short-iso: `2026-11-20T10:00:40+00:00 gw1 nginx[812]: `.
  `${ISO_TIME} ${SENDER}`,
  // journalctl -o short-full: `Fri 2026-11-20 10:00:40 UTC gw1 nginx[812]: `.
  String.raw`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${ISO_TIME} [A-Z]{1,5} ${SENDER}`,
  // journalctl -o short-unix and -o short-monotonic: `1795600840.123456 gw1 nginx[812]: `.
  String.raw`(?:\d{1,12}\.\d{1,9}|\[ {0,12}\d{1,12}\.\d{1,9}\]) ${SENDER}`,
  // CRI, as containerd and CRI-O write it: `2026-11-20T10:00:40.123456789Z stdout F `.
  `${ISO_TIME} std(?:out|err) [FP] `,
  // docker logs --timestamps, kubectl logs --timestamps.
  `${ISO_TIME} `,
  // docker compose logs, docker service logs: `gateway-1  | `, `gateway.1.x7k2@node1  | `.
  String.raw`${COLOUR}[\w.@-]{1,255} {0,64}\| ?${COLOUR} ?`,
  // kubectl logs --prefix: `[pod/gateway-5c9/nginx] `.
  String.raw`\[pod/[\w./-]{1,255}\] `,
  // Host and program alone, or the program alone.
  SENDER,
  // nginx names the client of a socket `unix:`.
  String.raw`(?!unix: )[\w./@-]{1,128}(?:\[\d{1,10}\])?: `,
].map((source) => new RegExp(`^${source}`));

/** Collectors can wrap each other, such as Docker's time stamp within a Compose prefix. */
const MAX_PREFIXES = 3;

/** Removes the prefixes from a line. */
export function withoutPrefix(line: string): string {
  let text = fromJson(line);
  for (let i = 0; i < MAX_PREFIXES; i += 1) {
    const found = PREFIXES.map((prefix) => prefix.exec(text)).find((match) => match !== null);
    if (found === undefined) return text;
    text = text.slice(found[0].length);
  }
  return text;
}

/** Members in which collectors put the line: Docker's json-file driver, journalctl -o json, Fluentd and others. */
const LINE_MEMBERS = ['log', 'MESSAGE', 'message'];

/** `{"log":"…\n","stream":"stdout","time":"…"}` */
function fromJson(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const wrapped = JSON.parse(line) as Record<string, unknown>;
    const found = LINE_MEMBERS.map((name) => wrapped[name]).find((value) => typeof value === 'string');
    return found?.trimEnd() ?? line;
  } catch {
    return line;
  }
}
