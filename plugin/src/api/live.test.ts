import { setBackendSrv, type BackendSrv, type BackendSrvRequest, type FetchResponse } from '@grafana/runtime';
import { Observable, Subject } from 'rxjs';
import { liveStream, MAX_POINTS } from './live';
import type { LiveFigures } from './types';

type Chunk = FetchResponse<Uint8Array | undefined>;

/** The streams that were opened, in their order. */
let opened: Array<{ request: BackendSrvRequest; chunks: Subject<Chunk>; closed: boolean }>;

beforeEach(() => {
  jest.useFakeTimers();
  opened = [];
  const chunked = (request: BackendSrvRequest): Observable<Chunk> =>
    new Observable((subscriber) => {
      const stream = { request, chunks: new Subject<Chunk>(), closed: false };
      opened.push(stream);
      const subscription = stream.chunks.subscribe(subscriber);
      return () => {
        stream.closed = true;
        subscription.unsubscribe();
      };
    });
  setBackendSrv({ chunked } as unknown as BackendSrv);
});
afterEach(() => jest.useRealTimers());

const figures = (api_calls_per_minute: number): LiveFigures => ({
  at: '2026-03-18T12:00:00.000Z',
  active_sessions: 0,
  running_executions: 0,
  executions_per_minute: 0,
  current_error_rate: null,
  api_calls_per_minute,
  tokens_per_minute: 0,
  cost_per_minute_usd: 0,
  firing_alerts: 0,
});
const lineOf = (calls: number): string => `${JSON.stringify(figures(calls))}\n`;
const send = (text: string, status = 200, index = opened.length - 1): void =>
  opened[index]?.chunks.next({ data: new TextEncoder().encode(text), status, statusText: '' } as Chunk);

let requests = 0;
const open = () => liveStream('/proxy/live', () => `request-${++requests}`);

it('asks for lines, and has what has come so far, however it is cut', () => {
  const seen: number[][] = [];
  open().subscribe((points) => seen.push(points.map((point) => point.api_calls_per_minute)));
  expect(opened[0]?.request).toMatchObject({
    url: '/proxy/live',
    headers: { Accept: 'application/x-ndjson' },
  });
  const text = lineOf(1) + '\n' + lineOf(2);
  send(text.slice(0, 20));
  expect(seen).toEqual([]);
  send(text.slice(20));
  expect(seen).toEqual([[1], [1, 2]]);
});

it('is one stream for all panels, also for those that come later', () => {
  const stream = open();
  stream.subscribe();
  send(lineOf(7));
  const late: number[] = [];
  stream.subscribe((points) => late.push(points.length));
  expect(opened).toHaveLength(1);
  expect(late).toEqual([1]);
});

it('stays open for a moment without a panel, and is then closed', () => {
  const stream = open();
  stream.subscribe().unsubscribe();
  jest.advanceTimersByTime(5_000);
  expect(opened[0]?.closed).toBe(false);
  stream.subscribe().unsubscribe();
  expect(opened).toHaveLength(1);
  jest.advanceTimersByTime(11_000);
  expect(opened[0]?.closed).toBe(true);
});

it('connects again when it ends, and keeps what has come', () => {
  let last: LiveFigures[] = [];
  open().subscribe((points) => (last = points));
  send(lineOf(1));
  opened[0]?.chunks.complete();
  jest.advanceTimersByTime(1_000);
  expect(opened).toHaveLength(2);
  send(lineOf(2));
  expect(last.map((point) => point.api_calls_per_minute)).toEqual([1, 2]);
});

it('keeps a bounded number of points', () => {
  let last: LiveFigures[] = [];
  open().subscribe((points) => (last = points));
  for (let i = 0; i < MAX_POINTS + 5; i += 1) {
    send(lineOf(i));
  }
  expect(last).toHaveLength(MAX_POINTS);
  expect(last[0]?.api_calls_per_minute).toBe(5);
});

it('tries again after an error that may go away', () => {
  const failed = jest.fn();
  open().subscribe({ error: failed });
  send(JSON.stringify({ code: 'RATE_LIMITED', message: '50 live streams' }), 429);
  expect(failed).not.toHaveBeenCalled();
  jest.advanceTimersByTime(5_000);
  expect(opened).toHaveLength(2);
});

it('fails with an error that stays', () => {
  const failed = jest.fn();
  open().subscribe({ error: failed });
  send(JSON.stringify({ code: 'FORBIDDEN', message: 'the token lacks the scope analytics:read' }), 403);
  expect(failed).toHaveBeenCalledWith(expect.objectContaining({ kind: 'scope', status: 403 }));
});
