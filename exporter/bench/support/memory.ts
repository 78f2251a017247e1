/** Resident memory of a process over time. */
import { residentBytes } from './exporter.js';
import type { Figure, Result } from './figure.js';
import { timed } from './measure.js';

const SAMPLE_MS = 250;
const MB = 1024 * 1024;

/** The figures of `watchMemory`. */
export const memoryFigures = (what: string, atMost = 300): Figure[] => [
  { title: `memory ${what}`, target: { atMost }, unit: 'MB' },
  {
    title: `memory ${what}: its peak in the second half of the time ÷ in the first`,
    target: { atMost: 1.2 },
  },
];

/** The most that the process holds while `work` runs, and whether it grows. */
export async function watchMemory(
  pid: number,
  what: string,
  work: () => Promise<unknown>,
): Promise<Result[]> {
  const samples: number[] = [];
  const timer = setInterval(() => {
    void residentBytes(pid).then((bytes) => bytes !== undefined && bytes > 0 && samples.push(bytes / MB));
  }, SAMPLE_MS);
  const milliseconds = await timed(work).finally(() => clearInterval(timer));
  const half = Math.ceil(samples.length / 2);
  const first = Math.max(...samples.slice(0, half));
  const second = Math.max(...samples.slice(half));
  const seconds = Math.round(milliseconds / 1000);
  return [
    { value: Math.max(first, second), measured: `peak of the resident memory, ${what} in ${seconds} s` },
    { value: second / first, measured: `${Math.round(second)} MB ÷ ${Math.round(first)} MB` },
  ];
}
