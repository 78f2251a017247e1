/** Alerts for what operators ask first, ready to be created: only channels are missing. */
import type { NewAlert } from './settings.js';

export interface AlertTemplate {
  /** Its key. */
  name: string;
  title: string;
  description: string;
  alert: NewAlert;
}

export const ALERT_TEMPLATES: readonly AlertTemplate[] = [
  {
    name: 'error_rate',
    title: 'Error rate',
    description: 'More than 10 % of the executions that finished within 15 minutes failed, for 5 minutes.',
    alert: {
      name: 'Error rate of executions',
      condition: {
        metric: 'execution_error_rate',
        operator: 'greater_than',
        threshold: 10,
        window: '15m',
        group_by: ['agent'],
      },
      for: '5m',
      severity: 'critical',
      actions: { message: '{{agent}} fails: {{value}} of {{samples}}, more than {{threshold}}.' },
    },
  },
  {
    name: 'latency_p95',
    title: 'Latency P95',
    description:
      'The slowest 5 % of the executions within 15 minutes take more than 30 seconds, for 5 minutes.',
    alert: {
      name: 'Slow executions',
      condition: {
        metric: 'execution_duration_p95_ms',
        operator: 'greater_than',
        threshold: 30_000,
        window: '15m',
        group_by: ['agent'],
      },
      for: '5m',
      severity: 'warning',
      actions: { message: '{{agent}} is slow: P95 is {{value}} over {{samples}}.' },
    },
  },
  {
    name: 'spend_a_day',
    title: 'Spend a day',
    description: 'The executions of the last 24 hours cost more than $100.',
    alert: {
      name: 'Spend within a day',
      condition: { metric: 'cost_usd', operator: 'greater_than', threshold: 100, window: '1d' },
      severity: 'warning',
      actions: { message: '{{value}} spent within {{window}}, more than {{threshold}}.' },
    },
  },
  {
    name: 'token_failures',
    title: 'Token failures',
    description: 'More than 20 token requests of an agent were refused within 10 minutes.',
    alert: {
      name: 'Token requests refused',
      condition: {
        metric: 'token_failures',
        operator: 'greater_than',
        threshold: 20,
        window: '10m',
        group_by: ['agent'],
      },
      severity: 'critical',
      actions: { message: '{{agent}} was refused {{value}} token requests within {{window}}.' },
    },
  },
  {
    name: 'agent_silent',
    title: 'Agent gone silent',
    description: 'An agent that called the API within the day before has not done so for an hour.',
    alert: {
      name: 'Agent gone silent',
      condition: { metric: 'api_calls', operator: 'no_data', window: '1h', group_by: ['agent'] },
      severity: 'warning',
      actions: { message: '{{agent}} has made no API call for {{window}}.' },
    },
  },
  {
    name: 'rotation_overdue',
    title: 'Rotation overdue',
    description: 'The credentials of an agent were last rotated more than 90 days ago. Repeated once a day.',
    alert: {
      name: 'Credential rotation overdue',
      condition: {
        metric: 'days_since_rotation',
        operator: 'greater_than',
        threshold: 90,
        window: '1h',
        group_by: ['agent'],
      },
      severity: 'warning',
      repeat_interval: '1d',
      actions: { message: '{{agent}} has not rotated its credentials for {{value}}.' },
    },
  },
  {
    name: 'retry_loop',
    title: 'Retry loop',
    description: 'An agent failed more than 100 times within 10 minutes: it repeats what does not work.',
    alert: {
      name: 'Retry loop',
      condition: {
        metric: 'executions',
        operator: 'greater_than',
        threshold: 100,
        window: '10m',
        group_by: ['agent'],
        filters: [
          { dimension: 'executionStatus', operator: 'in', values: ['failure', 'timeout', 'blocked'] },
        ],
      },
      severity: 'critical',
      actions: { message: '{{agent}} failed {{value}} times within {{window}}.' },
    },
  },
];
