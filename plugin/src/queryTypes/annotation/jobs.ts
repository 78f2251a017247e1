/** Failed runs of the exporter's scheduled jobs. Values around them may be incomplete. */
import { FieldType, textUtil, type DataFrame } from '@grafana/data';
import type { JobRun } from '../../api/types';

export function jobFailureFrames(refId: string, runs: JobRun[]): DataFrame[] {
  const failures = runs.flatMap((run) => {
    const start = timeOf(run.startedAt) ?? timeOf(run.slot) ?? timeOf(run.finishedAt);
    return run.error && start !== undefined ? [{ ...run, error: run.error, start }] : [];
  });
  if (failures.length === 0) {
    return [];
  }
  return [
    {
      refId,
      length: failures.length,
      fields: [
        { name: 'time', type: FieldType.time, config: {}, values: failures.map(({ start }) => start) },
        {
          name: 'timeEnd',
          type: FieldType.time,
          config: {},
          values: failures.map(({ start, finishedAt }) => timeOf(finishedAt) ?? start),
        },
        {
          name: 'title',
          type: FieldType.string,
          config: {},
          values: failures.map(({ job }) => `Job ${job} failed`),
        },
        // Grafana renders the text as HTML.
        {
          name: 'text',
          type: FieldType.string,
          config: {},
          values: failures.map(({ error }) => textUtil.escapeHtml(error)),
        },
        { name: 'tags', type: FieldType.string, config: {}, values: failures.map(({ job }) => `job,${job}`) },
      ],
    },
  ];
}

function timeOf(text: string | null): number | undefined {
  const time = text === null ? NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
