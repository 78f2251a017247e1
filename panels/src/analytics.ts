/** What refers to the plugin's data source, and so to the tenant. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { DatasourceVariableBuilder, VariableHide } from '@grafana/grafana-foundation-sdk/dashboard';
import { ANALYTICS_PLUGIN_ID, VARIABLE } from './names.js';
import type { Target } from './target.js';

export const analyticsDatasource = { type: ANALYTICS_PLUGIN_ID, uid: `\${${VARIABLE.datasource}}` };

/** The data source of the plugin, and so the tenant. */
export function datasourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder(VARIABLE.datasource)
    .label('Data source')
    .description('AgentIdP Analytics data source. Each data source shows one tenant.')
    .type(ANALYTICS_PLUGIN_ID)
    .hide(VariableHide.DontHide);
}

/** A query of the plugin as it is stored in a dashboard. */
export function stored(query: object): Target {
  return {
    datasource: analyticsDatasource,
    query: (refId) => plain({ refId, datasource: analyticsDatasource, ...query }),
  };
}

/** Wraps a query for the SDK. The SDK's marker is a function, so it is not part of the JSON. */
function plain(query: object): Builder<Dataquery> {
  return { build: () => ({ ...query, _implementsDataqueryVariant: () => undefined }) };
}
