/** The client for AgentIdP Analytics. */
export { AnalyticsClient, type FlushOptions } from './client.js';
export {
  AnalyticsError,
  BudgetExceededError,
  type ClientErrorCode,
  type ErrorCode,
  type ExceededBudget,
} from './errors.js';
export {
  type ActiveExecution,
  type ActiveStep,
  type ExecutionEnd,
  type ExecutionStart,
  type NewStep,
  type StartOptions,
  type StepEnd,
} from './execution.js';
export { ExportFile, type ExportOptions } from './exports.js';
export type { SentItem } from './items.js';
export type { LiveMetrics, LiveOptions } from './live.js';
export type { AnalyticsClientOptions, EndSignal } from './options.js';
export type {
  AgentComparison,
  AgentErrors,
  AgentMetrics,
  Alert,
  AlertDetail,
  AlertEvent,
  AlertTemplate,
  AlertTrial,
  AnalyticsReads,
  ApiUsage,
  CostBreakdown,
  CostRecommendation,
  CostRecommendations,
  CostTrends,
  Dashboard,
  DashboardData,
  DirectoryAgent,
  DirectoryUser,
  DismissOptions,
  Export,
  ExportRequest,
  NewDashboard,
  PublishedDashboard,
  Report,
  ReportInput,
  ReportRun,
  ReportRunResult,
  ReportTemplate,
  Session,
  SessionDropoff,
  SessionFlows,
  SessionFunnel,
  SessionMetrics,
  Summary,
  TeamMetrics,
  TokenUsageReport,
  ToolUsage,
  UserActivity,
} from './reads.js';
export type { Stats } from './sender.js';
export type {
  Event,
  Execution,
  ExecutionStatus,
  NewTokenUsage,
  Reservation,
  ReservationRequest,
  ServiceErrorCode,
  Step,
  TokenUsage,
} from './types.js';
