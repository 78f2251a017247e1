import type { QueryEditorHelpProps } from '@grafana/data';
import { Card, Text } from '@grafana/ui';
import { defaultQuery, type AnalyticsQuery } from '../query';
import type { PanelQueryType } from '../queryTypes';
import { selectors } from '../selectors';

interface Example extends Omit<AnalyticsQuery, 'refId' | 'queryType'> {
  queryType: PanelQueryType;
}

const EXAMPLES: Array<{ title: string; explanation: string; query: Partial<Example> }> = [
  {
    title: 'API calls of the ten busiest agents',
    explanation: 'Grouped by agent, limited to the ten largest totals.',
    query: { metric: 'api_calls', groupBy: ['agent'], limit: 10, alias: '{{agentName}}' },
  },
  {
    title: 'Token failures by day',
    explanation: 'A fixed interval that does not depend on the width of the panel.',
    query: { metric: 'token_failures', interval: 'day' },
  },
  {
    title: 'Endpoints by error rate',
    explanation: 'A table with one row per endpoint, the highest error rate first, and a trend.',
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
    explanation: 'API calls by weekday and hour, for a heatmap panel.',
    query: { metric: 'api_calls', format: 'heatmap-weekday-hour' },
  },
  {
    title: 'Slowest failed executions',
    explanation: 'A list of executions with links to their traces.',
    query: {
      queryType: 'executions',
      format: 'table',
      filters: [{ dimension: 'executionStatus', operator: 'in', values: ['failure', 'timeout'] }],
      orderBy: { by: 'execution_time_ms', direction: 'desc' },
      limit: 20,
    },
  },
  {
    title: 'What sessions do',
    explanation: 'The most common orders of steps, with how many sessions completed.',
    query: { queryType: 'flows', flowOf: 'steps', format: 'table' },
  },
  {
    title: 'Where sessions end',
    explanation: 'How many sessions reached each step, and how many of them dropped there.',
    query: { queryType: 'dropoff', format: 'table' },
  },
  {
    title: 'How to spend less',
    explanation: 'Recommendations with their savings.',
    query: { queryType: 'recommendations', recommendationPart: 'list' },
  },
  {
    title: 'Projected cost of this month',
    explanation: 'The cost up to each day, and its projection with lower and upper bounds.',
    query: { queryType: 'forecast' },
  },
];

/** Example queries for Explore. A click uses one of them. */
export function QueryEditorHelp({ onClickExample }: QueryEditorHelpProps<AnalyticsQuery>) {
  return (
    <>
      <Text element="h3">{selectors.QueryEditorHelp.title}</Text>
      {EXAMPLES.map(({ title, explanation, query }) => (
        <Card
          key={title}
          noMargin
          onClick={() => onClickExample({ ...defaultQuery(query.queryType), ...query, refId: 'A' })}
        >
          <Card.Heading>{title}</Card.Heading>
          <Card.Description>{explanation}</Card.Description>
        </Card>
      ))}
    </>
  );
}
