import { answered, DAY_1, framesOf } from '../../../test/answers';
import { text, time, value } from '../../../test/requests';

describe('any format', () => {
  it.each(['timeseries', 'table', 'heatmap-agent-day', 'heatmap-user-day', 'heatmap-weekday-hour'] as const)(
    'is no frame without rows: %s',
    (format) => {
      expect(
        framesOf(
          answered({ format, groupBy: ['agent'] }, [time(), text('agent'), text('agentName'), value()]),
        ),
      ).toEqual([]);
      expect(framesOf(answered({ format, interval: 'none' }, [value()]))).toEqual([]);
    },
  );

  it('has the notices of the answer, each once', () => {
    const mainResult = {
      columns: [time(DAY_1), value(1)],
      notices: ['widened', 'widened', 'and more'],
    };
    expect(framesOf({ ...answered({}, []), mainResult })[0]?.meta?.notices).toEqual([
      { severity: 'info', text: 'widened' },
      { severity: 'info', text: 'and more' },
    ]);
  });

  it('shows the request in the inspector', () => {
    const [frame] = framesOf(answered({}, [time(DAY_1), value(1)]));
    expect(JSON.parse(frame?.meta?.executedQueryString ?? '')).toMatchObject({
      metric: 'api_calls',
      interval: 'day',
    });
  });
});
