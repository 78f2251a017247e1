import { LoadingState, type DataQueryResponse } from '@grafana/data';
import { setBackendSrv, type BackendSrv, type FetchResponse } from '@grafana/runtime';
import { Subject } from 'rxjs';
import { datasource, panelRequest, query } from '../../test/requests';

it('streams into the panel, under the key of its query', () => {
  const chunks = new Subject<FetchResponse<Uint8Array | undefined>>();
  setBackendSrv({ chunked: () => chunks } as unknown as BackendSrv);
  const packets: DataQueryResponse[] = [];
  const live = datasource()
    .query(panelRequest([query({ refId: 'L', queryType: 'live', metric: '' })]))
    .subscribe((packet) => packets.push(packet));
  const at = '2026-03-18T12:00:00.000Z';
  const point = { at, active_sessions: 2, current_error_rate: null, cost_per_minute_usd: 0.5 };
  const data = new TextEncoder().encode(`${JSON.stringify(point)}\n`);
  chunks.next({ data, status: 200 } as FetchResponse<Uint8Array>);
  live.unsubscribe();
  expect(packets).toHaveLength(1);
  expect(packets[0]).toMatchObject({ key: 'L', state: LoadingState.Streaming });
  const [frame] = packets[0]?.data ?? [];
  expect(frame).toMatchObject({ refId: 'L', length: 1, meta: { type: 'timeseries-wide' } });
  const values = (name: string) =>
    frame.fields.find((field: { name: string }) => field.name === name)?.values;
  expect(values('time')).toEqual([Date.parse(at)]);
  expect(values('Active sessions')).toEqual([2]);
  expect(values('Error rate')).toEqual([null]);
  expect(values('Cost per minute')).toEqual([0.5]);
});
