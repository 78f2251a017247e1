/**
 * The frames from a real exporter with the imported log of a real web server, compared with known sums. The log is next to
 * the repository, if it is available.
 */
import { FieldType, type DataFrame } from '@grafana/data';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { RealExporter, REPOSITORY } from './test/exporter';
import { datasource, query, run } from './test/requests';
import { fakeTemplates } from './test/templates';

const LOG = resolve(REPOSITORY, '../shared/data/access.log');
const RANGE = { from: '2015-05-17T00:00:00Z', to: '2015-05-21T00:00:00Z' };

const describeReal = existsSync(LOG) ? describe : describe.skip;
if (!existsSync(LOG)) {
  process.stderr.write(`Skipped: "frames of the log of a real web server", because ${LOG} is not there\n`);
}

describeReal('frames of the log of a real web server', () => {
  const exporter = new RealExporter({ RETENTION_DAYS: '5000' });

  beforeAll(async () => {
    const imported = exporter.run('import', 'access-log', LOG, '--tenant', 'real');
    expect(imported).toContain('10,000 accepted');
    await exporter.serve('real');
    fakeTemplates();
  }, 120_000);

  afterAll(() => exporter.stop(), 60_000);

  const frameOf = async (asked: Parameters<typeof query>[0]): Promise<DataFrame> => {
    const { data, errors } = await run(datasource(), [query(asked)], RANGE);
    expect(errors).toBeUndefined();
    return data[0] as DataFrame;
  };
  const valuesOf = (frame: DataFrame, type: FieldType): unknown[] =>
    frame.fields.find((field) => field.type === type)!.values;

  it('have the calls per day as a time series', async () => {
    const frame = await frameOf({ metric: 'api_calls', interval: 'day', format: 'timeseries' });
    expect(valuesOf(frame, FieldType.number)).toEqual([1632, 2893, 2896, 2579]);
    expect(valuesOf(frame, FieldType.time)).toEqual([17, 18, 19, 20].map((day) => Date.UTC(2015, 4, day)));
  });

  it('have the status codes as a table', async () => {
    const frame = await frameOf({
      metric: 'api_calls',
      groupBy: ['statusCode'],
      interval: 'none',
      format: 'table',
    });
    const [codes, calls] = frame.fields.map(({ values }) => values as number[]);
    expect(Object.fromEntries(codes!.map((code, i) => [code, calls![i]]))).toEqual({
      200: 9126,
      304: 445,
      404: 213,
      301: 164,
      206: 45,
      500: 3,
      416: 2,
      403: 2,
    });
  });
});
