/** Shows the progress of a long command as a bar, if standard error is a terminal. Standard output is for results. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** @param done completed part of `total`; @param detail shown after the bar */
  update(done: number, detail?: string): void;
  stop(): void;
}

const SILENT: Progress = { update: () => undefined, stop: () => undefined };

/** @param total undefined if unknown, as for standard input; if 0, no bar is shown */
export function startProgress(
  label: string,
  total: number | undefined,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  if (!stream.isTTY || total === 0) return SILENT;
  const known = total !== undefined;
  const bar = new SingleBar(
    {
      format: known ? `${label} {bar} {percentage}% {detail}` : `${label} {detail}`,
      stream,
      hideCursor: true,
      clearOnComplete: true,
      fps: 8,
    },
    Presets.shades_classic,
  );
  bar.start(known ? total : 1, 0, { detail: '' });
  return {
    update: (done, detail = '') => bar.update(known ? Math.min(done, total) : 0, { detail }),
    stop: () => bar.stop(),
  };
}

/** `1234567` as `1,234,567`. */
export const grouped = (value: number): string => value.toLocaleString('en-US');

/** `1 line`, `2,000 lines`. */
export const counted = (count: number, noun: string): string =>
  `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
