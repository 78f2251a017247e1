/** A read that the cache answers, against a bare Fastify route that sends the same bytes. */
import autocannon from 'autocannon';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BareRoute } from '../support/bare-server.js';
import { bodyOf, Client } from '../support/client.js';
import { bearerOf, startExporter } from '../support/exporter.js';
import type { Bench } from '../support/figure.js';
import { median, paired } from '../support/measure.js';

const TENANT = 'bench';
const CONNECTIONS = 50;
const SIZE = { quick: { rounds: 8, seconds: 1 }, full: { rounds: 31, seconds: 2 } };

export const cachedReads: Bench = {
  name: 'cached-reads',
  figures: () => [
    {
      title: 'cached reads/s ÷ a bare Fastify route that sends the same bytes',
      target: { atLeast: 0.7 },
    },
  ],
  run: async ({ size, server, progress, profileDir }) => {
    const { rounds, seconds } = SIZE[size];
    const database = await server.create('bench_cached');
    const exporter = await startExporter({ databaseUrl: database.url, folder: server.folder, profileDir });
    const authorization = await bearerOf(TENANT);
    const client = new Client(exporter.url, { authorization }, 1);
    const bareProcess = fork(fileURLToPath(new URL('../support/bare-server.ts', import.meta.url)));
    try {
      const path = '/api/v1/analytics/token-trends';
      const answer = await client.get(path);
      const route: BareRoute = {
        path,
        contentType: 'application/json; charset=utf-8',
        body: bodyOf(answer).toString(),
      };
      bareProcess.send(route);
      const [bareUrl] = (await once(bareProcess, 'message')) as [string];
      const readsASecond = async (url: string): Promise<number> => {
        const result = await autocannon({
          url: url + path,
          connections: CONNECTIONS,
          duration: seconds,
          headers: { authorization },
        });
        if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} reads failed`);
        return result.requests.total / result.duration;
      };
      const pairs = await paired(
        () => readsASecond(exporter.url),
        () => readsASecond(bareUrl),
        { rounds, warmUp: 2, onRound: (done, of) => progress(`round ${done} of ${of}`) },
      );
      const bytes = route.body.length;
      return [
        {
          value: pairs.ratio,
          measured: `${Math.round(median(pairs.ours))} ÷ ${Math.round(median(pairs.bare))} reads/s, ${bytes} bytes, ${CONNECTIONS} connections`,
        },
      ];
    } finally {
      client.close();
      bareProcess.disconnect();
      await exporter.stop();
      await database.drop();
    }
  },
};
