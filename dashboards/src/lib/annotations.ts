import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { analyticsDatasource } from 'agentidp-analytics-panels/analytics';
import { analytics, chosenAgents } from './analytics.js';
import { COLOR } from 'agentidp-analytics-panels/color';
import { prometheusDatasource, promRange } from './prometheus.js';

/** Marks credential rotations of the selected agents. @param enable whether it is initially on */
export function rotationAnnotation(enable: boolean): AnnotationQueryBuilder {
  const target = analytics({
    queryType: 'annotation',
    annotation: 'rotations',
    metric: 'credential_rotations',
    filters: [chosenAgents],
    interval: 'none',
    format: 'table',
  });
  return new AnnotationQueryBuilder()
    .name('Credential rotations')
    .datasource(analyticsDatasource)
    .enable(enable)
    .hide(false)
    .iconColor(COLOR.rotation)
    .target(target.query('Rotations'));
}

/** Marks failed jobs of the exporter, because the data around them may be incomplete. */
export function jobFailureAnnotation(): AnnotationQueryBuilder {
  const target = analytics({
    queryType: 'annotation',
    annotation: 'jobs',
    metric: '',
    interval: 'none',
    format: 'table',
  });
  return new AnnotationQueryBuilder()
    .name('Job failures')
    .datasource(analyticsDatasource)
    .enable(true)
    .hide(false)
    .iconColor(COLOR.bad)
    .target(target.query('JobFailures'));
}

/** Marks where alerts began to fire and were resolved. */
export function alertAnnotation(): AnnotationQueryBuilder {
  const target = analytics({
    queryType: 'annotation',
    annotation: 'alerts',
    metric: '',
    interval: 'none',
    format: 'table',
  });
  return new AnnotationQueryBuilder()
    .name('Alerts')
    .datasource(analyticsDatasource)
    .enable(true)
    .hide(false)
    .iconColor(COLOR.warning)
    .target(target.query('Alerts'));
}

/** Marks the times at which a PromQL expression has a value. */
export function promAnnotation(
  name: string,
  expr: string,
  title: string,
  color: string,
  enable: boolean,
): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(prometheusDatasource)
    .enable(enable)
    .hide(false)
    .iconColor(color)
    .expr(expr)
    .titleFormat(title)
    .textFormat('{{instance}}')
    .step('60s')
    .target(promRange(expr, '').query(name.replaceAll(' ', '')));
}
