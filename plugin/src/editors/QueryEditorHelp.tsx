import type { QueryEditorHelpProps } from '@grafana/data';
import { Card, Text } from '@grafana/ui';
import { DEFAULT_QUERY } from '../query';
import { selectors } from '../selectors';
import type { AnalyticsQuery } from '../types';

type Example = Omit<AnalyticsQuery, 'refId'>;

const EXAMPLES: Array<{ title: string; explanation: string; query: Partial<Example> }> = [
  {
    title: 'API calls of the ten busiest agents',
    explanation: 'Group by agent, and keep the ten largest by their total.',
    query: { metric: 'api_calls', groupBy: ['agent'], limit: 10, alias: '{{agentName}}' },
  },
  {
    title: 'Token failures by day',
    explanation: 'A fixed interval, whatever the width of the panel.',
    query: { metric: 'token_failures', interval: 'day' },
  },
  {
    title: 'Endpoints by error rate',
    explanation: 'A table with one row an endpoint, the worst first, and its course.',
    query: {
      metric: 'api_error_rate',
      groupBy: ['endpoint'],
      interval: 'none',
      format: 'table',
      sparkline: true,
      orderBy: { by: 'value', direction: 'desc' },
      limit: 50,
    },
  },
  {
    title: 'When agents work',
    explanation: 'Calls by weekday and hour, for a heatmap panel.',
    query: { metric: 'api_calls', format: 'heatmap-weekday-hour' },
  },
  {
    title: 'The slowest executions that failed',
    explanation: 'A list of executions, each with a link to its trace.',
    query: {
      queryType: 'executions',
      metric: '',
      format: 'table',
      filters: [{ dimension: 'executionStatus', operator: 'in', values: ['failure', 'timeout'] }],
      orderBy: { by: 'execution_time_ms', direction: 'desc' },
      limit: 20,
    },
  },
  {
    title: 'What this month will cost',
    explanation:
      'The cost up to each day, and its projection with the band in which it will most likely lie.',
    query: { queryType: 'forecast', metric: '' },
  },
];

/** Examples in Explore; a click takes one over. */
export function QueryEditorHelp({ onClickExample }: QueryEditorHelpProps<AnalyticsQuery>) {
  return (
    <>
      <Text element="h3">{selectors.QueryEditorHelp.title}</Text>
      {EXAMPLES.map(({ title, explanation, query }) => (
        <Card
          key={title}
          noMargin
          onClick={() => onClickExample({ ...DEFAULT_QUERY, groupBy: [], filters: [], ...query, refId: 'A' })}
        >
          <Card.Heading>{title}</Card.Heading>
          <Card.Description>{explanation}</Card.Description>
        </Card>
      ))}
    </>
  );
}
