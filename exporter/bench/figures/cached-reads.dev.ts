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
import { columnArrays, Traffic, wireBody } from '../support/traffic.js';

import { readFileSync } from 'node:fs';
const ticks = (pid: number) => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '); return [Number(f[11]) * 10, Number(f[12]) * 10] as const; };
const TENANT = 'bench';
const CONNECTIONS = 50;
const SIZE = { quick: { rounds: 3, seconds: 2 }, full: { rounds: 9, seconds: 5 } };
const DAYS = 30;
const DAY = 86_400_000;
const EVENTS = 20_000;

export const cachedReads: Bench = {
  name: 'cached-reads',
  figures: [
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
 const pid = url === exporter.url ? exporter.process.pid! : bareProcess.pid!; const a = ticks(pid), b = ticks(process.pid);
        const result = await autocannon({
          url: url + path,
          connections: CONNECTIONS,
          duration: seconds,
          headers: { authorization },
        });
        if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} reads failed`);
        const c = ticks(pid), d = ticks(process.pid), n = result.requests.total / 1000; console.log(url === exporter.url ? 'ours' : 'bare', 'reads/s', Math.round(result.requests.total / result.duration), 'server us/req user', ((c[0]-a[0])/n).toFixed(1), 'sys', ((c[1]-a[1])/n).toFixed(1), 'sum', ((c[0]-a[0]+c[1]-a[1])/n).toFixed(1), 'generator', ((d[0]-b[0]+d[1]-b[1])/n).toFixed(1));
        return result.requests.total / result.duration;
      };
      const pairs = await paired(
        () => readsASecond(exporter.url),
        () => readsASecond(bareUrl),
        { rounds, onRound: (done, of) => progress(`round ${done} of ${of}`) },
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
