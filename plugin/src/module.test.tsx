import type { QueryEditorProps } from '@grafana/data';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ComponentType } from 'react';
import { annotationSupport } from './annotations';
import type { AnalyticsDataSource } from './datasource';
import { plugin } from './module';
import { selectors } from './selectors';
import { FakeBackend } from './test/backend';
import { choose, HostedEditor } from './test/editors';
import { datasource, query } from './test/requests';
import { fakeTemplates } from './test/templates';
import type { AnalyticsQuery } from './query';
import type { AnalyticsOptions } from './types';
import { QueryEditorHelp } from './editors/QueryEditorHelp';
import { AnnotationQueryEditor } from './queryTypes/annotation/AnnotationQueryEditor';
import { labels as annotationLabels } from './queryTypes/annotation/labels';
import { labels as variableLabels } from './queryTypes/dimensionValues/labels';
import { VariableQueryEditor } from './queryTypes/dimensionValues/VariableQueryEditor';
import { labels as metricLabels } from './queryTypes/metric/labels';

type Editor = ComponentType<QueryEditorProps<AnalyticsDataSource, AnalyticsQuery, AnalyticsOptions>>;

let backend: FakeBackend;
let last: AnalyticsQuery;
const onChange = (changed: AnalyticsQuery) => {
  last = changed;
};
const onRunQuery = jest.fn();

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend();
});

function show(Shown: Editor, stored: Partial<AnalyticsQuery> = {}) {
  const props = { datasource: datasource(), query: query(stored), onChange, onRunQuery };
  return render(<HostedEditor Editor={Shown} {...props} />);
}

describe('the editor of a variable', () => {
  const { dimension, search } = variableLabels;

  it('selects a dimension of the catalog and a search text', async () => {
    show(VariableQueryEditor);
    await waitFor(() => expect(screen.getByDisplayValue('Agent')).toBeInTheDocument());
    await choose(screen.getByRole('combobox', { name: new RegExp(dimension.label) }), /^Endpoint/);
    expect(last).toMatchObject({ queryType: 'dimensionValues', dimension: 'endpoint' });
    await userEvent.type(screen.getByRole('textbox', { name: search.label }), 'api{Enter}');
    expect(last).toMatchObject({ dimension: 'endpoint', search: 'api' });
  });

  it('shows why the catalog could not be loaded', async () => {
    backend.on('GET', 'token/api/v1/analytics/catalog', () => ({ status: 504 }));
    show(VariableQueryEditor);
    expect(await screen.findByText('AgentIdP Analytics did not respond in time.')).toBeInTheDocument();
  });
});

describe('the editor of an annotation', () => {
  const { kind, jobs } = annotationLabels;

  it('selects rotations, optionally of some agents', async () => {
    show(AnnotationQueryEditor);
    const add = screen.getByRole('button', { name: selectors.QueryEditor.filters.add });
    await waitFor(() => expect(add).toBeEnabled());
    await userEvent.click(add);
    expect(last).toMatchObject({
      queryType: 'annotation',
      annotation: 'rotations',
      filters: [{ dimension: 'agent' }],
    });
  });

  it('selects job failures, which have no filters', async () => {
    show(AnnotationQueryEditor);
    await userEvent.click(screen.getByLabelText(kind.jobs));
    expect(last).toMatchObject({ queryType: 'annotation', annotation: 'jobs' });
    expect(screen.getByText(jobs)).toBeInTheDocument();
    expect(screen.queryByText(selectors.QueryEditor.filters.add)).not.toBeInTheDocument();
  });
});

describe('the help of Explore', () => {
  it('has examples that a click uses', async () => {
    const taken: AnalyticsQuery[] = [];
    render(
      <QueryEditorHelp
        datasource={datasource()}
        query={query()}
        onClickExample={(example) => taken.push(example)}
      />,
    );
    await userEvent.click(screen.getByText('Endpoints by error rate'));
    expect(taken).toMatchObject([
      { metric: 'api_error_rate', groupBy: ['endpoint'], format: 'table', sparkline: true },
    ]);
  });
});

describe('the plugin', () => {
  it('loads its editors when they are first shown', async () => {
    const { QueryEditor, VariableQueryEditor: legacy } = plugin.components;
    expect(legacy).toBeUndefined();
    show(QueryEditor as Editor);
    expect(screen.getByText('Loading…')).toBeInTheDocument();
    expect(await screen.findByText(metricLabels.metric.label)).toBeInTheDocument();
  });

  it('has an editor for settings, queries, annotations and variables', async () => {
    const { ConfigEditor, QueryEditorHelp: Help } = plugin.components;
    expect(ConfigEditor && Help).toBeDefined();
    show(annotationSupport.QueryEditor as Editor);
    expect(await screen.findByText(annotationLabels.kind.label)).toBeInTheDocument();
    show(datasource().variables.editor as Editor);
    expect(await screen.findByText(variableLabels.dimension.label)).toBeInTheDocument();
    expect(datasource().getDefaultQuery()).toMatchObject({ metric: 'api_calls' });
  });
});
