// Generated from the files of this folder by `npm run generate`; do not edit.
import type { RouteFile } from '../http/mount.js';
import analyticsAgentActivity from './analytics/agent-activity.js';
import analyticsAgents from './analytics/agents.js';
import analyticsAgentsActivity from './analytics/agents/activity.js';
import analyticsAgentsCompare from './analytics/agents/compare.js';
import analyticsAgentsErrors from './analytics/agents/errors.js';
import analyticsAgentsMetrics from './analytics/agents/metrics.js';
import analyticsAgentsStats from './analytics/agents/stats.js';
import analyticsAlerts from './analytics/alerts.js';
import analyticsAlertsEvents from './analytics/alerts/events.js';
import analyticsAlertsTemplates from './analytics/alerts/templates.js';
import analyticsAlertsTest from './analytics/alerts/test.js';
import analyticsAudit from './analytics/audit.js';
import analyticsBudgets from './analytics/budgets.js';
import analyticsBudgetsReservations from './analytics/budgets/reservations.js';
import analyticsCallPatterns from './analytics/call-patterns.js';
import analyticsCatalog from './analytics/catalog.js';
import analyticsChannels from './analytics/channels.js';
import analyticsChannelsTest from './analytics/channels/test.js';
import analyticsComparisonModels from './analytics/comparison/models.js';
import analyticsCostItems from './analytics/cost-items.js';
import analyticsCosts from './analytics/costs.js';
import analyticsCostsForecast from './analytics/costs/forecast.js';
import analyticsCostsRecommendations from './analytics/costs/recommendations.js';
import analyticsCostsRecommendationsDismiss from './analytics/costs/recommendations/dismiss.js';
import analyticsCostsSummary from './analytics/costs/summary.js';
import analyticsCostsTrends from './analytics/costs/trends.js';
import analyticsCredentialRotations from './analytics/credential-rotations.js';
import analyticsDashboards from './analytics/dashboards.js';
import analyticsDashboardsData from './analytics/dashboards/data.js';
import analyticsDashboardsGrafana from './analytics/dashboards/grafana.js';
import analyticsDashboardsPublish from './analytics/dashboards/publish.js';
import analyticsDimensionsValues from './analytics/dimensions/values.js';
import analyticsDirectoryAgents from './analytics/directory/agents.js';
import analyticsDirectoryUsers from './analytics/directory/users.js';
import analyticsExecutions from './analytics/executions.js';
import analyticsExport from './analytics/export.js';
import analyticsExportDownload from './analytics/export/download.js';
import analyticsJobs from './analytics/jobs.js';
import analyticsLive from './analytics/live.js';
import analyticsOverview from './analytics/overview.js';
import analyticsPrices from './analytics/prices.js';
import analyticsPricesResolve from './analytics/prices/resolve.js';
import analyticsQuery from './analytics/query.js';
import analyticsReports from './analytics/reports.js';
import analyticsReportsPreview from './analytics/reports/preview.js';
import analyticsReportsRun from './analytics/reports/run.js';
import analyticsReportsRuns from './analytics/reports/runs.js';
import analyticsReportsTemplates from './analytics/reports/templates.js';
import analyticsSessions from './analytics/sessions.js';
import analyticsSessionsDropoff from './analytics/sessions/dropoff.js';
import analyticsSessionsFlows from './analytics/sessions/flows.js';
import analyticsSessionsFunnel from './analytics/sessions/funnel.js';
import analyticsSessionsMetrics from './analytics/sessions/metrics.js';
import analyticsSummary from './analytics/summary.js';
import analyticsTeam from './analytics/team.js';
import analyticsTokenTrends from './analytics/token-trends.js';
import analyticsTokens from './analytics/tokens.js';
import analyticsTokensUsage from './analytics/tokens/usage.js';
import analyticsTools from './analytics/tools.js';
import analyticsUsage from './analytics/usage.js';
import analyticsUsageSummary from './analytics/usage-summary.js';
import analyticsUsersActivity from './analytics/users/activity.js';
import apiV1Events from './api/v1/events.js';
import apiV1Executions from './api/v1/executions.js';
import apiV1ExecutionsSteps from './api/v1/executions/steps.js';
import apiV1ExecutionsTokenUsages from './api/v1/executions/token-usages.js';
import healthLive from './health/live.js';
import healthReady from './health/ready.js';
import metrics from './metrics.js';
import metricsTenant from './metrics/tenant.js';
import metricsTenants from './metrics/tenants.js';
import openapiJson from './openapi.json.js';
import v1Logs from './v1/logs.js';
import v1Metrics from './v1/metrics.js';
import v1Traces from './v1/traces.js';

/** By the name of the file. */
export const ROUTES: Readonly<Record<string, RouteFile>> = {
  'analytics/agent-activity': analyticsAgentActivity,
  'analytics/agents': analyticsAgents,
  'analytics/agents/activity': analyticsAgentsActivity,
  'analytics/agents/compare': analyticsAgentsCompare,
  'analytics/agents/errors': analyticsAgentsErrors,
  'analytics/agents/metrics': analyticsAgentsMetrics,
  'analytics/agents/stats': analyticsAgentsStats,
  'analytics/alerts': analyticsAlerts,
  'analytics/alerts/events': analyticsAlertsEvents,
  'analytics/alerts/templates': analyticsAlertsTemplates,
  'analytics/alerts/test': analyticsAlertsTest,
  'analytics/audit': analyticsAudit,
  'analytics/budgets': analyticsBudgets,
  'analytics/budgets/reservations': analyticsBudgetsReservations,
  'analytics/call-patterns': analyticsCallPatterns,
  'analytics/catalog': analyticsCatalog,
  'analytics/channels': analyticsChannels,
  'analytics/channels/test': analyticsChannelsTest,
  'analytics/comparison/models': analyticsComparisonModels,
  'analytics/cost-items': analyticsCostItems,
  'analytics/costs': analyticsCosts,
  'analytics/costs/forecast': analyticsCostsForecast,
  'analytics/costs/recommendations': analyticsCostsRecommendations,
  'analytics/costs/recommendations/dismiss': analyticsCostsRecommendationsDismiss,
  'analytics/costs/summary': analyticsCostsSummary,
  'analytics/costs/trends': analyticsCostsTrends,
  'analytics/credential-rotations': analyticsCredentialRotations,
  'analytics/dashboards': analyticsDashboards,
  'analytics/dashboards/data': analyticsDashboardsData,
  'analytics/dashboards/grafana': analyticsDashboardsGrafana,
  'analytics/dashboards/publish': analyticsDashboardsPublish,
  'analytics/dimensions/values': analyticsDimensionsValues,
  'analytics/directory/agents': analyticsDirectoryAgents,
  'analytics/directory/users': analyticsDirectoryUsers,
  'analytics/executions': analyticsExecutions,
  'analytics/export': analyticsExport,
  'analytics/export/download': analyticsExportDownload,
  'analytics/jobs': analyticsJobs,
  'analytics/live': analyticsLive,
  'analytics/overview': analyticsOverview,
  'analytics/prices': analyticsPrices,
  'analytics/prices/resolve': analyticsPricesResolve,
  'analytics/query': analyticsQuery,
  'analytics/reports': analyticsReports,
  'analytics/reports/preview': analyticsReportsPreview,
  'analytics/reports/run': analyticsReportsRun,
  'analytics/reports/runs': analyticsReportsRuns,
  'analytics/reports/templates': analyticsReportsTemplates,
  'analytics/sessions': analyticsSessions,
  'analytics/sessions/dropoff': analyticsSessionsDropoff,
  'analytics/sessions/flows': analyticsSessionsFlows,
  'analytics/sessions/funnel': analyticsSessionsFunnel,
  'analytics/sessions/metrics': analyticsSessionsMetrics,
  'analytics/summary': analyticsSummary,
  'analytics/team': analyticsTeam,
  'analytics/token-trends': analyticsTokenTrends,
  'analytics/tokens': analyticsTokens,
  'analytics/tokens/usage': analyticsTokensUsage,
  'analytics/tools': analyticsTools,
  'analytics/usage': analyticsUsage,
  'analytics/usage-summary': analyticsUsageSummary,
  'analytics/users/activity': analyticsUsersActivity,
  'api/v1/events': apiV1Events,
  'api/v1/executions': apiV1Executions,
  'api/v1/executions/steps': apiV1ExecutionsSteps,
  'api/v1/executions/token-usages': apiV1ExecutionsTokenUsages,
  'health/live': healthLive,
  'health/ready': healthReady,
  metrics: metrics,
  'metrics/tenant': metricsTenant,
  'metrics/tenants': metricsTenants,
  'openapi.json': openapiJson,
  'v1/logs': v1Logs,
  'v1/metrics': v1Metrics,
  'v1/traces': v1Traces,
};
