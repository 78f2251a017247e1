/** The largest traces: their time for each span must not grow with their size, and must not hold up other requests. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../support/client.js';
import { bearerOf, startExporter } from '../support/exporter.js';
import type { Bench } from '../support/figure.js';
import { median, paired, timed } from '../support/measure.js';
import { sendSpans, type Shape, traceOf } from '../support/spans.js';

const SHAPES: readonly Shape[] = ['deep', 'wide'];
/** The most spans of a trace, and a tenth of them. */
const LARGE = 10_000;
const SMALL = 1_000;
const SIZE = { quick: { rounds: 3 }, full: { rounds: 9 } };

export const largeTraces: Bench = {
  name: 'large-traces',
  figures: () => [
    ...SHAPES.map((shape) => ({
      title: `${LARGE.toLocaleString('en')} spans of one ${shape} trace ÷ as many in traces of a tenth`,
      target: { atMost: 1.5 },
    })),
    {
      title: 'longest answer of the liveness check meanwhile, in ms ÷ 100 ms',
      target: { atMost: 1 },
    },
  ],
  run: async ({ size, server, progress, profileDir }) => {
    const { rounds } = SIZE[size];
    const database = await server.create('bench_large_traces');
    const env = { ROLLUP_INTERVAL_SECONDS: '3600' };
    const exporter = await startExporter({
      databaseUrl: database.url,
      folder: server.folder,
      env,
      profileDir,
    });
    const authorization = await bearerOf('bench');
    const client = new Client(exporter.url, {}, 1);
    let watching = true;
    let longest = 0;
    const watch = async (): Promise<void> => {
      while (watching) {
        longest = Math.max(longest, await timed(() => client.get('/health/live')));
        await delay(2);
      }
    };
    try {
      const send = (body: Buffer): Promise<void> =>
        sendSpans(exporter.url, authorization, 'application/json', body);
      const results = [];
      let watched: Promise<void> | undefined;
      for (const shape of SHAPES) {
        const pairs = await paired(
          () => timedOf([traceOf(shape, LARGE)], send),
          () =>
            timedOf(
              Array.from({ length: LARGE / SMALL }, () => traceOf(shape, SMALL)),
              send,
            ),
          {
            rounds,
            onRound: (done, of) => {
              // The first round is of code that has not been compiled yet.
              watched ??= watch();
              progress(`${shape}: round ${done} of ${of}`);
            },
          },
        );
        const each = (values: number[]): string => Math.round(median(values)).toLocaleString('en');
        results.push({ value: pairs.ratio, measured: `${each(pairs.ours)} ÷ ${each(pairs.bare)} ms` });
      }
      watching = false;
      await watched;
      return [...results, { value: longest / 100, measured: `${Math.round(longest)} ms` }];
    } finally {
      watching = false;
      client.close();
      await exporter.stop();
      await database.drop();
    }
  },
};

/** Milliseconds to send the requests one after another. */
const timedOf = (bodies: readonly Buffer[], send: (body: Buffer) => Promise<void>): Promise<number> =>
  timed(async () => {
    for (const body of bodies) await send(body);
  });
