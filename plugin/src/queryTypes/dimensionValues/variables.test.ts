import { firstValueFrom } from 'rxjs';
import { FakeBackend } from '../../test/backend';
import { datasource, panelRequest, query } from '../../test/requests';
import { fakeTemplates } from '../../test/templates';
import { variableQuery } from '../../query';

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates({ team: { value: 'billing' } });
  backend = new FakeBackend().on('GET', 'token/api/v1/analytics/dimensions/agent/values', () => ({
    data: { values: [{ value: 'a1', label: 'billing-bot' }] },
  }));
});

describe('a template variable', () => {
  it('has the values of a dimension, with their labels', async () => {
    const { variables } = datasource();
    const { data } = await firstValueFrom(
      variables.query(panelRequest([query({ queryType: undefined, dimension: 'agent' })])),
    );
    expect(
      data[0].fields.map(({ name, values }: { name: string; values: string[] }) => [name, ...values]),
    ).toEqual([
      ['text', 'billing-bot'],
      ['value', 'a1'],
    ]);
  });

  it('adds ids to agents with the same name', async () => {
    backend.on('GET', 'token/api/v1/analytics/dimensions/agent/values', () => ({
      data: { values: ['a1', 'a2'].map((value) => ({ value, label: 'twin' })) },
    }));
    const { data } = await firstValueFrom(
      datasource().variables.query(panelRequest([variableQuery(undefined)])),
    );
    expect(data[0].fields[0].values).toEqual(['twin (a1)', 'twin (a2)']);
  });

  it('can depend on another variable', async () => {
    await firstValueFrom(datasource().variables.query(panelRequest([variableQuery({ search: '$team' })])));
    expect(backend.requests[0]?.params).toEqual({ search: 'billing', limit: 1000 });
  });

  it('reports why it has no values', async () => {
    backend.on('GET', 'token/api/v1/analytics/dimensions/agent/values', () => ({ status: 401 }));
    const { errors } = await firstValueFrom(
      datasource().variables.query(panelRequest([variableQuery(undefined)])),
    );
    expect(errors?.[0]?.message).toContain('did not accept the token');
  });

  it('has the values of agents by default', () => {
    expect(datasource().variables.getDefaultQuery()).toMatchObject({
      queryType: 'dimensionValues',
      dimension: 'agent',
    });
  });

  it('can be stored as the name of a dimension', () => {
    expect(variableQuery('endpoint')).toMatchObject({ refId: 'variable', dimension: 'endpoint' });
  });
});
