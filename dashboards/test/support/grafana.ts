/** Grafana's part in a query: a panel's targets through the plugin's own code to an exporter, and its frames back. */
import type { DataFrame, DataQueryRequest, DataQueryResponse } from '@grafana/data';
import { setBackendSrv, type BackendSrv, type BackendSrvRequest, type FetchResponse } from '@grafana/runtime';
import { jest } from '@jest/globals';
import { firstValueFrom, from, switchMap, throwError, of, type Observable } from 'rxjs';
import { DAY, HOUR, nextMonth, startOfMonth } from 'agentidp-analytics/time';
import type { TestApp } from 'agentidp-analytics/testing/app';
import { AnalyticsClient } from 'agentidp-analytics-datasource/api/client';
import { answer } from 'agentidp-analytics-datasource/queries/answer';
import { CoarseMemory } from 'agentidp-analytics-datasource/queries/run';
import { isRunnable, normalizeQuery, type AnalyticsQuery } from 'agentidp-analytics-datasource/query';
import { fakeTemplates, type FakeVariable } from 'agentidp-analytics-datasource/testing/templates';

const PROXY = '/api/datasources/proxy/uid/agentidp-analytics';
/** The prefix by which the routes of plugin.json tell the kinds of tokens apart. */
const BY_TOKEN = `${PROXY}/token`;

export interface PanelRequest {
  targets: Array<Partial<AnalyticsQuery> & { refId: string }>;
  /** As a dashboard has it, such as `now-30d/d`; a rounded end is that of its day or month. */
  range: { from: string; to: string };
  /** Points that the panel has room for. */
  maxDataPoints: number;
  variables: Record<string, FakeVariable>;
}

export class Grafana {
  private readonly client = new AnalyticsClient(PROXY, 'token');
  private readonly memory = new CoarseMemory();

  constructor(
    private readonly exporter: TestApp,
    /** Of the data source. */
    private readonly token: string,
  ) {
    setBackendSrv({ fetch: (request: BackendSrvRequest) => this.fetch(request) } as unknown as BackendSrv);
  }

  /** What a panel gets at the time that the exporter takes for now. */
  async ask({ targets, range, maxDataPoints, variables }: PanelRequest): Promise<DataQueryResponse> {
    const { now } = this.exporter.clock;
    const [start, end] = [timeOf(range.from, now), timeOf(range.to, now, true)];
    const request = {
      targets: targets.map(normalizeQuery).filter(isRunnable),
      range: { from: { valueOf: () => start }, to: { valueOf: () => end } },
      intervalMs: Math.ceil((end - start) / maxDataPoints),
      timezone: 'utc',
      scopedVars: {},
    } as unknown as DataQueryRequest<AnalyticsQuery>;
    fakeTemplates(variables);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    try {
      const { client, memory } = this;
      return await firstValueFrom(answer(request, { client, memory, datasourceUid: 'agentidp-analytics' }));
    } finally {
      clock.mockRestore();
    }
  }

  /** The data proxy: the same request with the data source's token, and what failed as Grafana throws it. */
  private fetch({ method = 'GET', url, params, data }: BackendSrvRequest): Observable<FetchResponse> {
    const path = url.startsWith(`${BY_TOKEN}/`) ? url.slice(BY_TOKEN.length) : url.slice(PROXY.length);
    const query = new URLSearchParams(
      Object.entries(params ?? {}).flatMap(([name, value]) =>
        // One of several values is repeated under its name.
        [value].flat().flatMap((one): [string, string][] => (one === undefined ? [] : [[name, String(one)]])),
      ),
    );
    const sent =
      method === 'GET'
        ? this.exporter.get(`${path}?${query}`, { token: this.token })
        : this.exporter.post(path, data, { token: this.token });
    return from(sent).pipe(
      switchMap((response) => {
        const answered = { status: response.statusCode, data: response.json<unknown>() };
        return response.statusCode < 400
          ? of(answered as FetchResponse)
          : throwError(() => ({ ...answered, statusText: response.statusMessage, config: {} }));
      }),
    );
  }
}

/** Whether the frames of a target show something: a figure other than zero, or a text. */
export function showsSomething({ data }: DataQueryResponse, refId: string): boolean {
  const frames = (data as DataFrame[]).filter((frame) => frame.refId === refId);
  const figures = frames.flatMap(({ fields }) => fields.filter(({ type }) => type === 'number'));
  const texts = frames.flatMap(({ fields }) => fields.filter(({ type }) => type === 'string'));
  const shown = figures.length > 0 ? figures : texts;
  return shown.some(({ values }) => values.some(Boolean));
}

const UNITS: Record<string, number> = { h: HOUR, d: DAY };

/** Grafana's relative times, as far as the dashboards use them; milliseconds. */
function timeOf(expression: string, now: number, isEnd = false): number {
  const match = /^now(?:-(\d+)([hd]))?(?:\/([dM]))?$/.exec(expression);
  if (!match) {
    throw new Error(`not a time that is known here: ${expression}`);
  }
  const [, amount = '0', unit = 'h', floor] = match;
  const time = now - Number(amount) * (UNITS[unit] ?? NaN);
  if (floor === 'M') {
    return isEnd ? nextMonth(time) : startOfMonth(time);
  }
  const day = time - (time % DAY);
  return floor === 'd' ? day + (isEnd ? DAY : 0) : time;
}
