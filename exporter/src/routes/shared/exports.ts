/** Schemas that the routes of exports share. */
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { AppError } from '../../errors.js';
import type { Exports } from '../../exports/exports.js';
import { type FormatName as Format, FORMAT_NAMES } from '../../exports/formats.js';
import type { ExportJob, ExportRequest } from '../../exports/table.js';
import { ANALYTICS_PREFIXES } from '../../http/mount.js';
import { NO_NUL, UUID_PATTERN } from '../../ids.js';
import { FILTER_NAMES, FILTERS, type Filters } from '../../query/datasets/dataset.js';
import { DATASET_NAMES, type DatasetName, DATASETS } from '../../query/datasets/index.js';
import { checkMetric } from '../../query/datasets/metrics.js';
import { type ExecutionPeriodRequest, resolveExecutionPeriod } from '../../query/executions/period.js';
import { Count, ERROR_CODE, Nullable, Strict, TimeText } from '../../schemas.js';
import { formatTime } from '../../time.js';
import { executionPeriodParameters } from './executions.js';

export const EXPORTS_TAG = 'Exports';

export const ExportParams = Strict({
  id: Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'NOT_FOUND', description: 'The export.' }),
});

export const FormatName = Type.Unsafe<Format>(Type.String({ enum: FORMAT_NAMES, default: 'csv' }));

/** Other names of datasets. */
const ALIASES: Readonly<Record<string, DatasetName>> = { tokens: 'token_usages' };

const MAX_VALUES = 100;
/** Datasets and metrics of one export. */
const MAX_PARTS = 20;

const filter = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 256, pattern: NO_NUL }), {
      minItems: 1,
      maxItems: MAX_VALUES,
      description,
    }),
  );

export const ExportBody = Strict({
  datasets: Type.Optional(
    Type.Array(Type.String({ enum: [...DATASET_NAMES, ...Object.keys(ALIASES)] }), {
      minItems: 1,
      maxItems: MAX_PARTS,
      uniqueItems: true,
      description: 'Each is a table. `tokens` is another name of `token_usages`.',
    }),
  ),
  metrics: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      minItems: 1,
      maxItems: MAX_PARTS,
      uniqueItems: true,
      description:
        'Metrics of the catalog or their aliases. Each is a table with its value for each UTC day.',
      examples: [['executions', 'tokens', 'costs']],
    }),
  ),
  ...executionPeriodParameters,
  format: Type.Optional(FormatName),
  filters: Type.Optional(
    Strict(Object.fromEntries(FILTER_NAMES.map((name) => [name, filter(FILTERS[name])])), {
      description: 'A row has to meet all of them. One that a dataset does not have is refused.',
    }),
  ),
});

interface Body extends ExecutionPeriodRequest {
  datasets?: readonly string[];
  metrics?: readonly string[];
  format?: Format;
  filters?: Filters;
}

/** @throws AppError VALIDATION_ERROR, INVALID_DATE_RANGE */
export function exportRequest(
  tenantId: string,
  { datasets = [], metrics = [], format = 'csv', filters = {}, ...period }: Body,
  now: number,
): ExportRequest {
  if (datasets.length + metrics.length === 0)
    throw new AppError(
      'VALIDATION_ERROR',
      'fields datasets and metrics are missing; one of them names what is exported',
    );
  const { range } = resolveExecutionPeriod(period, now);
  const names = [...new Set(datasets.map((name) => ALIASES[name] ?? (name as DatasetName)))];
  for (const name of names) checkFilters(name, filters);
  for (const metric of metrics) checkMetric(metric, { tenantId, range, filters, now });
  return { datasets: names, metrics, range, format, filters };
}

function checkFilters(name: DatasetName, filters: Filters): void {
  const known = Object.keys(DATASETS[name].filters);
  const unknown = Object.keys(filters).find((wanted) => !known.includes(wanted));
  if (unknown !== undefined)
    throw new AppError('VALIDATION_ERROR', `${name} has no filter ${unknown}; it has ${known.join(', ')}`);
}

export const ExportAnswer = Strict({
  id: Type.String({ description: 'UUID.' }),
  status: Type.String({ enum: ['queued', 'running', 'done', 'failed'] }),
  progress: Type.Integer({ minimum: 0, maximum: 100, description: 'Percent; 100 when it is done.' }),
  download_url: Nullable(
    Type.String({ description: 'Signed, and takes no token. Null until it is done.', format: 'uri' }),
  ),
  expires_at: Nullable(TimeText('When the link ends and the file is removed. Null until it is done.')),
  error: Nullable(Type.String({ description: 'Why it failed, or what the last attempt failed with.' })),
  created_at: TimeText('When it was asked for.'),
  datasets: Type.Array(Type.String()),
  metrics: Type.Array(Type.String()),
  period: Strict({ start: TimeText('Start, included.'), end: TimeText('End, excluded.') }),
  format: FormatName,
  rows: Nullable(Count('Rows of all tables. Null until it is done.')),
  bytes: Nullable(Count('Size of the file. Null until it is done.')),
});

/** The link stands under the address that the request was sent to. */
export function exportAnswer(exports: Exports, job: ExportJob, request: FastifyRequest) {
  const link = exports.linkOf(job);
  const { datasets, metrics, range, format } = job.request;
  const path = `${ANALYTICS_PREFIXES[0]}/export/${job.id}/download`;
  return {
    id: job.id,
    status: job.status,
    progress: job.progress,
    download_url:
      link === undefined ? null : `${request.protocol}://${request.host}${path}?${link.toString()}`,
    expires_at: link === undefined ? null : formatTime(job.expiresAt!.getTime()),
    error: job.error,
    created_at: formatTime(job.createdAt.getTime()),
    datasets: [...datasets],
    metrics: [...metrics],
    period: { start: formatTime(range.from), end: formatTime(range.to) },
    format,
    rows: job.rows,
    bytes: job.bytes,
  };
}
