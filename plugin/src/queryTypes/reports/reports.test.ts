import type { DataFrame } from '@grafana/data';
import { field } from '../../test/answers';
import { FakeBackend, PROXY } from '../../test/backend';
import { REPORT, REPORT_RUN } from '../../test/reports';
import { columnsOf, datasource, query, run } from '../../test/requests';
import { fakeTemplates } from '../../test/templates';

const ROUTE = 'token/api/v1/analytics/reports';

beforeEach(() => {
  fakeTemplates();
  new FakeBackend()
    .on('GET', ROUTE, () => ({
      data: {
        reports: [REPORT, { ...REPORT, id: 'r-2', template: null, last_run: null }],
        next_cursor: null,
      },
    }))
    .on('GET', `${ROUTE}/r-1/runs`, () => ({
      data: { runs: [{ ...REPORT_RUN, status: 'failed', error: 'why' }], next_cursor: null },
    }));
});

const ask = async (reportId?: string) =>
  (await run(datasource(), [query({ queryType: 'reports', metric: '', reportId })])).data;

describe('reports', () => {
  it('are a table with their last run', async () => {
    const [frame] = await ask();
    expect(columnsOf(frame)).toEqual({
      Name: ['Monday', 'Monday'],
      Template: ['cost report', null],
      Schedule: ['weekly', 'weekly'],
      'Time zone': ['Europe/Berlin', 'Europe/Berlin'],
      'Next run': Array(2).fill(Date.parse('2026-03-23T06:00:00Z')),
      'Last run': [Date.parse('2026-03-16T06:00:09Z'), null],
      Status: ['done', null],
      Error: [null, null],
      ID: ['r-1', 'r-2'],
      'Run ID': ['run-1', null],
    });
  });

  it('have their runs as a table', async () => {
    const [frame] = await ask('r-1');
    expect(columnsOf(frame)).toEqual({
      Created: [Date.parse('2026-03-16T06:00:05Z')],
      Status: ['failed'],
      'Scheduled for': [Date.parse('2026-03-16T06:00:00Z')],
      Finished: [Date.parse('2026-03-16T06:00:09Z')],
      From: ['2026-03-08T23:00:00.000Z'],
      To: ['2026-03-15T23:00:00.000Z'],
      Error: ['why'],
      ID: ['run-1'],
    });
  });

  it('open as pages', async () => {
    const pageOf = (frame: DataFrame | undefined, name: string) => field(frame, name).config.links?.[0];
    const [reports] = await ask();
    expect(pageOf(reports, 'Last run')).toMatchObject({
      url: `${PROXY}/${ROUTE}/\${__data.fields.ID:percentencode}/runs/\${__data.fields["Run ID"]:percentencode}?format=html`,
      targetBlank: true,
    });
    const [runs] = await ask('r-1');
    expect(pageOf(runs, 'Finished')?.url).toBe(
      `${PROXY}/${ROUTE}/r-1/runs/\${__data.fields.ID:percentencode}?format=html`,
    );
  });
});
