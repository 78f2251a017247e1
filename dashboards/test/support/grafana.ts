/** Simulates Grafana: sends a panel's targets through the plugin to an exporter, and returns the frames. */
import type { DataFrame, DataQueryRequest, DataQueryResponse } from '@grafana/data';
import { setBackendSrv, type BackendSrv, type BackendSrvRequest, type FetchResponse } from '@grafana/runtime';
import { jest } from '@jest/globals';
import { firstValueFrom, from, switchMap, throwError, of, Observable } from 'rxjs';
import { DAY, HOUR, MINUTE, nextMonth, startOfMonth } from 'agentidp-analytics/time';
import type { TestApp } from 'agentidp-analytics/testing/app';
import { AnalyticsClient } from 'agentidp-analytics-datasource/api/client';
import { answer } from 'agentidp-analytics-datasource/queries/answer';
import { CoarseMemory } from 'agentidp-analytics-datasource/queries/run';
import { isRunnable, normalizeQuery, type AnalyticsQuery } from 'agentidp-analytics-datasource/query';
import { fakeTemplates, type FakeVariable } from 'agentidp-analytics-datasource/testing/templates';

const PROXY = '/api/datasources/proxy/uid/agentidp-analytics';
/** Route prefix in plugin.json, which differs by kind of token. */
const BY_TOKEN = `${PROXY}/token`;

export interface PanelRequest {
  targets: Array<Partial<AnalyticsQuery> & { refId: string }>;
  /** As in a dashboard, such as `now-30d/d`. A rounded end is the end of the day or month. */
  range: { from: string; to: string };
  /** maxDataPoints of the panel. */
  maxDataPoints: number;
  variables: Record<string, FakeVariable>;
}

export class Grafana {
  private readonly client = new AnalyticsClient(PROXY, 'token');
  private readonly memory = new CoarseMemory();

  constructor(
    private readonly exporter: TestApp,
    /** Token of the data source. */
    private readonly token: string,
  ) {
    setBackendSrv({
      fetch: (request: BackendSrvRequest) => this.fetch(request),
      chunked: (request: BackendSrvRequest) => this.chunked(request),
    } as unknown as BackendSrv);
  }

  /** Runs the targets of a panel, at the exporter's current time. */
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

  /** The same for an answer that does not end: its pieces, until nobody listens. */
  private chunked({ url, headers }: BackendSrvRequest): Observable<FetchResponse<Uint8Array>> {
    return new Observable((subscriber) => {
      let isLeft = false;
      const read = async (): Promise<void> => {
        const response = await this.exporter.app.inject({
          url: url.slice(BY_TOKEN.length),
          headers: { ...headers, authorization: `Bearer ${this.token}` },
          payloadAsStream: true,
        });
        const { statusCode: status, statusMessage: statusText } = response;
        for await (const data of response.stream() as AsyncIterable<Uint8Array>) {
          if (isLeft) return;
          subscriber.next({ data, status, statusText } as FetchResponse<Uint8Array>);
        }
        subscriber.complete();
      };
      read().catch((error: unknown) => subscriber.error(error));
      return () => {
        isLeft = true;
      };
    });
  }

  /** Simulates the data proxy: adds the data source's token, and throws errors in Grafana's form. */
  private fetch({ method = 'GET', url, params, data }: BackendSrvRequest): Observable<FetchResponse> {
    const path = url.startsWith(`${BY_TOKEN}/`) ? url.slice(BY_TOKEN.length) : url.slice(PROXY.length);
    const query = new URLSearchParams(
      Object.entries(params ?? {}).flatMap(([name, value]) =>
        // Arrays are sent as repeated parameters.
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

/** Whether the frames contain a number other than zero, or text. */
export function showsSomething({ data }: DataQueryResponse, refId: string): boolean {
  const frames = (data as DataFrame[]).filter((frame) => frame.refId === refId);
  const figures = frames.flatMap(({ fields }) => fields.filter(({ type }) => type === 'number'));
  const texts = frames.flatMap(({ fields }) => fields.filter(({ type }) => type === 'string'));
  const shown = figures.length > 0 ? figures : texts;
  return shown.some(({ values }) => values.some(Boolean));
}

const UNITS: Record<string, number> = { m: MINUTE, h: HOUR, d: DAY };

/** Parses the relative times that the dashboards use, in milliseconds. A panel's own may leave out `now-`. */
function timeOf(expression: string, now: number, isEnd = false): number {
  const match = /^(?:now)?(?:-?(\d+)([mhd]))?(?:\/([dM]))?$/.exec(expression);
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
